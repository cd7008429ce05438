/** From the start of the process until it takes connections. */
import { helloReference, startHello } from "../hello.ts";
import { interleave } from "../interleave.ts";
import { Program } from "../program.ts";
import { inColumns, pickEngine, type Rig, serveArgv } from "../rig.ts";
import { measured, type Row } from "../row.ts";

export async function listeningRow(rig: Rig): Promise<Row> {
  const { yard, isQuick } = rig;
  const columns = await inColumns(rig, async (subject) => {
    const engine = await pickEngine("builtin", { rig, subject });
    const { ours, bare } = await interleave({
      ours: async () => {
        await using program = await Program.start(yard, serveArgv(subject, engine));
        return [program.listeningAfterMs];
      },
      bare: async () => {
        if (subject.kind === "executable") return [];
        await using program = await startHello(yard);
        return [program.listeningAfterMs];
      },
    }, { rounds: isQuick ? 4 : 20, warmUps: 2 });
    return measured(ours, { references: [helloReference(subject, bare)] });
  });
  return {
    quantity: "process start to listening",
    unit: "ms",
    target: { kind: "at_most", limit: 100 },
    ...columns,
  };
}
