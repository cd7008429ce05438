/** An exchange with the Python engine on a kept connection: our client beside bare ones. */
import { BareEngine } from "../bare_engine.ts";
import { DenoClients, type Job, runCClient } from "../exchanges.ts";
import { interleave } from "../interleave.ts";
import type { RawRequest } from "../raw_http.ts";
import { orAbsent, pickEngine, type Rig } from "../rig.ts";
import { absent, measured, noReference, reference, type Row } from "../row.ts";

export async function keptRow(rig: Rig, request: RawRequest): Promise<Row> {
  const source = await orAbsent(rig, async () => {
    const engine = await pickEngine("python", { rig, subject: rig.source });
    await using server = await BareEngine.start(rig.yard, engine);
    const path = server.socket;
    await using clients = new DenoClients(rig.yard, { path });
    const count = rig.isQuick ? 100 : 500;
    const run = (client: Job["client"]) => () => clients.run({ client, request, count });
    const { yard, cTools } = rig;
    const found = await interleave({
      ours: run("pool"),
      bare: run("whole"),
      c: async () => {
        if (cTools.kind === "missing") return [];
        return await runCClient(yard, { path, client: cTools.client, request, count });
      },
    }, { rounds: rig.isQuick ? 3 : 10 });
    const c = cTools.kind === "missing"
      ? noReference("C client", cTools.why)
      : reference("C client", found.c);
    return measured(found.ours, {
      references: [c, reference("bare `Deno.Conn` loop", found.bare)],
    });
  });
  return {
    quantity:
      `\`${request.method} ${request.target}\`, supervisor's client to the Python engine, ` +
      "kept connection",
    unit: "ms",
    target: { kind: "added", limit: 0.15 },
    source,
    executable: absent("its client can't be called alone"),
  };
}
