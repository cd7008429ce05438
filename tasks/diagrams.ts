/**
 * Draws docs/lifecycle.md from the transition table. With `--check` it writes nothing and fails when
 * the file is not what the table says.
 *
 * @module
 */
import { TABLE } from "../src/lifecycle/mod.ts";

const DOC = new URL("../docs/lifecycle.md", import.meta.url);

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly labels: string[];
}

/** The whole page as Markdown. */
export function lifecyclePage(): string {
  return `# The life of an engine

<!-- Made by \`deno task diagrams\` from src/lifecycle/table.ts: change that, not this. -->

Every change of state goes through \`transition(state, event, now)\`, which looks the event up in one
table. An event without a row is illegal in that state; what a dead process reports late is told by
its generation and dropped before the table is asked. *Busy* is \`ready\` with work in flight.

\`\`\`mermaid
stateDiagram-v2
  [*] --> stopped
${arrows().map(({ from, to, labels }) => `  ${from} --> ${to}: ${labels.join(", ")}`).join("\n")}
\`\`\`

## Every row

| state | event | leads to |
| --- | --- | --- |
${rows().join("\n")}
`;
}

function arrows(): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const [from, row] of Object.entries(TABLE)) {
    for (const rule of Object.values(row)) {
      for (const to of rule.to) {
        if (to === from) continue;
        const arrow: Arrow = found.get(`${from} ${to}`) ?? { from, to, labels: [] };
        found.set(`${from} ${to}`, arrow);
        if (!arrow.labels.includes(rule.label)) arrow.labels.push(rule.label);
      }
    }
  }
  return [...found.values()];
}

function rows(): string[] {
  return Object.entries(TABLE).flatMap(([from, row]) =>
    Object.entries(row).map(([event, rule]) =>
      `| ${from} | \`${event}\`: ${rule.label} | ${rule.to.join(", ")} |`
    )
  );
}

if (import.meta.main) {
  const page = lifecyclePage();
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(DOC, page);
  } else if (await Deno.readTextFile(DOC).catch(() => "") !== page) {
    console.error("docs/lifecycle.md is not what src/lifecycle/table.ts says: deno task diagrams");
    Deno.exit(1);
  }
}
