/**
 * A client process: `call_worker.ts SOCKET FRAMES`. Each line of its input is a {@linkcode CallJob};
 * the answer is a line with the milliseconds of each call as JSON. Both ways are the supervisor's own.
 */
import { FrameChannel } from "../../src/frames/mod.ts";
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";

/** What the process is told to do. */
export interface CallJob {
  readonly by: "frames" | "http";
  readonly name: string;
  readonly argument: unknown;
  readonly count: number;
  /** Calls in flight at once; the time of a call is then that of all, shared out. @default 1 */
  readonly atOnce?: number;
}

/** As the supervisor asks: with a limit on the whole. */
const LIMITS = { totalMs: 600_000 };

if (import.meta.main) {
  const [path = "", frames = ""] = Deno.args;
  const clock = new SystemClock();
  const http = new UnixClient({ path, net: systemNet, clock });
  const channel = new FrameChannel({
    engine: "bench",
    clock,
    dial: () => systemNet.connectUnix(frames),
    onMoved: () => {},
  });

  const callOnce = async ({ by, name, argument }: CallJob): Promise<void> => {
    const bytes = new TextEncoder().encode(JSON.stringify(argument));
    if (by === "frames") {
      const result = await channel.call({ name, argument: { format: "json", bytes } }, LIMITS);
      JSON.parse(new TextDecoder().decode(result.bytes));
      return;
    }
    const { status, body } = await http.request({
      method: "POST",
      target: `/function/${name}`,
      fields: [["content-type", "application/json"]],
      body: bytes,
    }, LIMITS);
    if (status !== 200) throw new Error(`${name}: ${status}`);
    JSON.parse(new TextDecoder().decode(body));
  };

  let text = "";
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!text.endsWith("\n")) continue;
    const job: CallJob = JSON.parse(text);
    text = "";
    const { count, atOnce = 1 } = job;
    const samples: number[] = [];
    await callOnce(job); // does not count: it may have to connect
    for (let done = 0; done < count; done += atOnce) {
      const begun = performance.now();
      if (atOnce === 1) await callOnce(job);
      else await Promise.all(Array.from({ length: atOnce }, () => callOnce(job)));
      samples.push((performance.now() - begun) / atOnce);
    }
    console.log(JSON.stringify(samples));
  }
  channel.close();
  http.close();
  clock.close();
}
