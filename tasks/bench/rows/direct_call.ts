/** A function of the Python engine, called directly and by HTTP, both by the supervisor's own clients. */
import { inRoot } from "../../support/root.ts";
import { BareEngine } from "../bare_engine.ts";
import type { CallJob } from "../call_worker.ts";
import { interleave } from "../interleave.ts";
import { orAbsent, pickEngine, type Rig } from "../rig.ts";
import { absent, measured, reference, type Row } from "../row.ts";

/** What is called. */
type Called = Pick<CallJob, "name" | "argument" | "atOnce">;

const vector = (length: number, step: number) =>
  Array.from({ length }, (_, at) => Math.round(Math.sin(at * step) * 1e6) / 1e6);

export const ECHO: Called = { name: "echo", argument: { text: "hello" } };
export const COSINE: Called = {
  name: "cosine",
  argument: { a: vector(16, 1), b: vector(16, 2) },
};

export async function directCallRow(rig: Rig, { atOnce = 1, ...called }: Called): Promise<Row> {
  const source = await orAbsent(rig, async () => {
    const engine = await pickEngine("python", { rig, subject: rig.source });
    const [python] = engine.command;
    const command = [python, inRoot("tasks", "bench", "call_engine.py")] as const;
    await using server = await BareEngine.start(rig.yard, { ...engine, command });
    const script = inRoot("tasks", "bench", "call_worker.ts");
    const { socket, frames } = server;
    const argv = [Deno.execPath(), "run", "--quiet", "-A", script, socket, frames];
    await using worker = rig.yard.spawn(argv);
    const count = rig.isQuick ? 200 : 512;
    const run = (by: CallJob["by"]) => async () => {
      const job: CallJob = { ...called, by, count, atOnce };
      await worker.write(`${JSON.stringify(job)}\n`);
      return JSON.parse(await worker.nextLine()) as number[];
    };
    const rounds = rig.isQuick ? 3 : 10;
    const found = await interleave({ frames: run("frames"), http: run("http") }, { rounds });
    return measured(found.frames, {
      references: [reference("the same function by HTTP, kept connection", found.http)],
    });
  });
  const many = atOnce === 1 ? "" : `, ${atOnce} at once, time of one`;
  return {
    quantity: `direct call of \`${called.name}\`${many}, supervisor's client to the Python engine`,
    unit: "ms",
    target: { kind: "ratio", limit: 0.4 },
    source,
    executable: absent("its client can't be called alone"),
  };
}
