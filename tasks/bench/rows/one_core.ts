/** What our client costs over the least that Deno can do, on one core with a server that costs little. */
import { join } from "@std/path";
import { type ClientOptions, DenoClients, type Job, runCClient } from "../exchanges.ts";
import { interleave } from "../interleave.ts";
import { STATUS } from "../raw_http.ts";
import { orAbsent, type Rig } from "../rig.ts";
import { absent, type Column, measured, reference, type Row } from "../row.ts";
import { mean } from "../stats.ts";

export async function oneCoreRow(rig: Rig): Promise<Row> {
  const where = rig.oneCore.length > 0
    ? "client and server on one core"
    : "not on one core: no taskset";
  return {
    quantity: `one request over the Unix socket, ${where}; means of rounds`,
    unit: "ms",
    target: { kind: "ratio", limit: 1.3 },
    source: await orAbsent(rig, () => measure(rig)),
    executable: absent("its client can't be called alone"),
  };
}

async function measure({ yard, cTools, oneCore, isQuick }: Rig): Promise<Column> {
  if (cTools.kind === "missing") return absent(`the server is in C, and there is ${cTools.why}`);
  await using directory = await yard.directory();
  const path = join(directory.path, "server.sock");
  await using server = yard.spawn([...oneCore, cTools.server, path]);
  await server.printed(/listening/);
  const options: ClientOptions = { path, before: oneCore };
  await using clients = new DenoClients(yard, options);
  const count = isQuick ? 1_000 : 5_000;
  const run = (client: Job["client"]) => async () => [
    mean(await clients.run({ client, request: STATUS, count })),
  ];
  const found = await interleave({
    ours: run("pool"),
    bare: run("bytes"),
    c: async () => [
      mean(await runCClient(yard, { ...options, client: cTools.client, request: STATUS, count })),
    ],
  }, { rounds: isQuick ? 5 : 20, warmUps: 2 });
  return measured(found.ours, {
    references: [reference("bare `Deno.Conn` loop", found.bare), reference("C client", found.c)],
  });
}
