/**
 * A client process: `exchange_worker.ts SOCKET`. Each line of its input is a {@linkcode Job}; the
 * answer is a line with the milliseconds of each exchange as JSON.
 */
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { type ClientRequest, UnixClient } from "../../src/pool/mod.ts";
import type { Job } from "./exchanges.ts";
import { encodeRaw, RawConnection, type RawRequest } from "./raw_http.ts";

/** As the supervisor asks: with a limit on the whole of an exchange. */
const LIMITS = { totalMs: 600_000 };

/** One exchange. */
type Exchange = () => Promise<unknown>;

async function measure(client: UnixClient, path: string, job: Job): Promise<number[]> {
  if (job.client === "pool") {
    const request = toClientRequest(job.request);
    return await time(() => client.request(request, LIMITS), job.count);
  }
  using connection = await RawConnection.open({ transport: "unix", path });
  const request = encodeRaw(job.request, "kept");
  const { length } = await connection.exchange(request);
  return job.client === "bytes"
    ? await time(() => connection.exchangeBytes(request, length), job.count)
    : await time(() => connection.exchange(request), job.count);
}

/** After one that does not count: it may have to connect. */
async function time(exchange: Exchange, count: number): Promise<number[]> {
  const samples: number[] = [];
  await exchange();
  for (let done = 0; done < count; done++) {
    const begun = performance.now();
    await exchange();
    samples.push(performance.now() - begun);
  }
  return samples;
}

/** What the supervisor sends for it. */
function toClientRequest({ method, target, body }: RawRequest): ClientRequest {
  if (body === undefined) return { method, target };
  return {
    method,
    target,
    fields: [["content-type", "application/json"]],
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

const [path = ""] = Deno.args;
const clock = new SystemClock();
const client = new UnixClient({ path, net: systemNet, clock });
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let text = "";
for await (const chunk of lines) {
  text += chunk;
  if (!text.endsWith("\n")) continue;
  const job: Job = JSON.parse(text);
  text = "";
  console.log(JSON.stringify(await measure(client, path, job)));
}
client.close();
clock.close();
