/** A request through the control API on a new connection, beside the same engine asked directly. */
import { interleave, timed } from "../interleave.ts";
import { Program, statusOf, through } from "../program.ts";
import { askOk, INPUT, STATUS } from "../raw_http.ts";
import { inColumns, pickEngine, type Rig, serveArgv } from "../rig.ts";
import { measured, reference, type Row } from "../row.ts";

const ENGINE = "python";

export async function controlApiRow(rig: Rig, what: "status" | "input"): Promise<Row> {
  const direct = what === "status" ? STATUS : INPUT;
  const ours = what === "status" ? statusOf(ENGINE) : through(ENGINE, INPUT);
  const columns = await inColumns(rig, async (subject) => {
    const engine = await pickEngine(ENGINE, { rig, subject });
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    await program.change(ENGINE, "start");
    const { socket } = await program.facts(ENGINE);
    const found = await interleave({
      ours: timed(() => askOk(program.address, ours)),
      bare: timed(() => askOk({ transport: "unix", path: socket }, direct)),
    }, { rounds: rig.isQuick ? 100 : 1_000, warmUps: rig.isQuick ? 50 : 200 });
    return measured(found.ours, {
      references: [reference(`bare engine, \`${direct.method} ${direct.target}\``, found.bare)],
    });
  });
  return {
    quantity: `\`${ours.method} ${ours.target}\` through the control API, new connection`,
    unit: "ms",
    target: { kind: "added", limit: what === "status" ? 1 : 2 },
    ...columns,
  };
}
