/**
 * Finds floating promises: an expression whose value nobody takes is a promise whose failure nobody
 * takes care of (`void p` too), or a function returns a promise where one that returns nothing is
 * expected.
 */
import { relative } from "@std/path";
import ts from "typescript";
import { isDropped } from "./support/dropped.ts";
import { isFloating, isLeftAlone } from "./support/floating.ts";
import { createProgram, type ProgramOptions } from "./support/program.ts";
import { inRoot, ROOT } from "./support/root.ts";
import { listFiles, MODULE } from "./support/tree.ts";

/** Diagnostics that mean: the program does not see what Deno sees, so promises may hide. */
const BLIND: ReadonlySet<number> = new Set([
  2304, // cannot find a name
  2305, // a module has no such member
  2307, // cannot find a module
  2318, // cannot find a global type
  2503, // cannot find a namespace
  2792, // cannot find a module, other words
  7016, // no declarations for a module
]);

/** Looks through the given modules. Returns one line per finding, `path:line: what`. */
export async function findFloatingPromises(options: ProgramOptions): Promise<string[]> {
  const program = await createProgram(options);
  const checker = program.getTypeChecker();
  const findings: string[] = [];
  for (const file of options.files) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not in the program`);
    const lines = new Map<number, string>(); // one finding for each is enough
    const add = (position: number, what: string) => {
      const line = source.getLineAndCharacterOfPosition(position).line + 1;
      if (!lines.has(line)) lines.set(line, `${relative(options.root, file)}:${line}: ${what}`);
    };
    const say = (node: ts.Node, what: string) =>
      add(node.getStart(source), `${what}: ${firstLine(node.getText(source))}`);
    for (const one of program.getSemanticDiagnostics(source)) {
      if (!BLIND.has(one.code) || file.endsWith(".js")) continue; // the browser's names are unknown
      add(one.start ?? 0, `not seen: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`);
    }
    const visit = (node: ts.Node): void => {
      if (isLeftAlone(node) && isFloating(node, checker)) say(node, "floating promise");
      else if (isDropped(node, checker)) say(node, "promise that the caller drops");
      ts.forEachChild(node, visit);
    };
    ts.forEachChild(source, visit);
    findings.push(...lines.values());
  }
  return findings;
}

function firstLine(text: string): string {
  const [first = "", ...more] = text.split("\n");
  return more.length > 0 ? `${first} …` : first;
}

if (import.meta.main) {
  const files: string[] = [];
  for (const start of ["main.ts", "src", "engine", "clients", "tasks", "tests"]) {
    for (const path of await listFiles(start, MODULE)) files.push(inRoot(path));
  }
  const findings = await findFloatingPromises({ root: ROOT, files });
  for (const finding of findings) console.error(finding);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
