/** How long an engine takes to be ready, and to be ready again. */
import { BareEngine } from "../bare_engine.ts";
import { interleave, timed } from "../interleave.ts";
import { Program } from "../program.ts";
import { inColumns, pickEngine, type Rig, serveArgv } from "../rig.ts";
import { measured, reference, type Row } from "../row.ts";

/** From the call of start to its answer, beside the bare engine from spawn to a 200 of its health. */
export async function readyRow(rig: Rig, name: "python" | "builtin"): Promise<Row> {
  const columns = await inColumns(rig, async (subject) => {
    const engine = await pickEngine(name, { rig, subject });
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    const { ours, bare } = await interleave({
      ours: async () => {
        const samples = await timed(() => program.change(name, "start"))();
        await program.change(name, "stop");
        return samples;
      },
      bare: async () => {
        await using alone = await BareEngine.start(rig.yard, engine);
        await alone.stop();
        return [alone.readyAfterMs];
      },
    }, { rounds: rig.isQuick ? 3 : 20 });
    return measured(ours, { references: [reference("bare engine", bare)] });
  });
  return {
    quantity: `spawn to ready, ${title(name)} (wall time of the call \`POST …/start\`)`,
    unit: "ms",
    target: { kind: "added", limit: 5 },
    ...columns,
  };
}

/** A running engine stopped and started anew, beside the same by hand. */
export async function restartRow(rig: Rig): Promise<Row> {
  const columns = await inColumns(rig, async (subject) => {
    const engine = await pickEngine("python", { rig, subject });
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    await program.change("python", "start");
    let alone = await BareEngine.start(rig.yard, engine);
    const { ours, bare } = await interleave({
      ours: timed(() => program.change("python", "restart")),
      bare: timed(async () => {
        await alone.stop();
        alone = await BareEngine.start(rig.yard, engine);
      }),
    }, { rounds: rig.isQuick ? 3 : 20 });
    await alone.stop();
    return measured(ours, { references: [reference("bare engine", bare)] });
  });
  return {
    quantity: "restart, Python engine (wall time of the call `POST …/restart`)",
    unit: "ms",
    target: { kind: "at_most", limit: 500 },
    ...columns,
  };
}

function title(name: "python" | "builtin"): string {
  return name === "python" ? "Python engine" : "built-in engine";
}
