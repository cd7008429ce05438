/**
 * Checks docs/reliability.md: each test that it cites exists, by the name that it has when it runs, and
 * each fault of the study of other supervisors is in it.
 *
 * @module
 */
import { type Citation, columnOf, fits, parseCitations, parseFaults } from "./support/citations.ts";
import { inRoot } from "./support/root.ts";
import { listFiles } from "./support/tree.ts";

const PAGE = "docs/reliability.md";

/** F01 to F74, and two that were found later. */
const FAULTS = [...parseFaults("01–74"), "58b", "58c"];

/** Names of the tests that are being collected. */
let names: string[] = [];

/** Takes the place of `Deno.test`: nothing runs. */
function collect(...args: readonly unknown[]): void {
  for (const arg of args) {
    const name = typeof arg === "string" ? arg : isNamed(arg) ? arg.name : "";
    if (name !== "") return void names.push(name);
  }
}

function isNamed(value: unknown): value is { readonly name: string } {
  const isOne = typeof value === "object" || typeof value === "function";
  return isOne && value !== null && "name" in value && typeof value.name === "string";
}

const known = new Map<string, Promise<readonly string[]>>();

/** Names of all tests in a place. */
async function namesIn(place: string): Promise<readonly string[]> {
  const files = [
    ...await listFiles(`tests/${place}_test.ts`, /_test\.ts$/),
    ...await listFiles(`tests/${place}`, /_test\.ts$/),
  ];
  const found: string[] = [];
  for (const file of files) {
    const ofFile = known.get(file) ?? load(file);
    known.set(file, ofFile);
    found.push(...await ofFile);
  }
  return found;
}

/** One at a time, so that it is known whose they are. */
async function load(file: string): Promise<readonly string[]> {
  names = [];
  await import(`file://${inRoot(file)}`);
  return names;
}

/** What is wrong with a cell; empty = nothing. */
async function judge(cell: string): Promise<string[]> {
  let citations: Citation[];
  try {
    citations = parseCitations(cell);
  } catch (error) {
    if (error instanceof SyntaxError) return [error.message];
    throw error;
  }
  const faults: string[] = [];
  for (const citation of citations) {
    const found = await namesIn(citation.place);
    if (found.length === 0) faults.push(`there are no tests in tests/${citation.place}`);
    else if (!found.some((name) => fits(citation, name))) {
      faults.push(`no test in tests/${citation.place} is called "${citation.parts.join(" … ")}"`);
    }
  }
  return faults;
}

async function main(): Promise<number> {
  Object.defineProperty(Deno, "test", {
    value: Object.assign(collect, { ignore: collect, only: collect }),
  });
  const page = await Deno.readTextFile(inRoot(PAGE));
  const faults: string[] = [];
  for (const cell of new Set(columnOf(page, "test"))) faults.push(...await judge(cell));
  const told = new Set(columnOf(page, "F").flatMap(parseFaults));
  const missing = FAULTS.filter((fault) => !told.has(fault));
  if (missing.length > 0) faults.push(`nothing is said of F${missing.join(", F")}`);
  for (const fault of told) if (!FAULTS.includes(fault)) faults.push(`there is no F${fault}`);
  for (const fault of faults) console.error(`${PAGE}: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
