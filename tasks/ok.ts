/**
 * `deno task ok [--no-tests]`: the one gate. A line for each step with its time; what fails shows its
 * output; the last line is `ok`, or what failed.
 */
import { parseArgs } from "@std/cli";
import { type CommandResult, runCommand } from "./support/command.ts";
import { ROOT } from "./support/root.ts";

interface Step {
  readonly name: string;
  /** Arguments of `deno`. */
  readonly args: readonly string[];
  /** Show the output while it comes. @default false */
  readonly echo?: boolean;
}

/** Where our modules are. */
const MODULES = ["main.ts", "src", "engine", "clients", "tasks", "tests"] as const;

const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "rooms", args: ["run", "-A", "tasks/check_rooms.ts"] },
  { name: "types", args: ["check", "--quiet", ...MODULES] },
  { name: "promises", args: ["run", "-A", "tasks/check_promises.ts"] },
  { name: "examples", args: ["test", "-A", "--doc", "--permit-no-files", "src"] },
  { name: "config docs", args: ["run", "-A", "tasks/config_docs.ts", "--check"] },
  { name: "diagrams", args: ["run", "-A", "tasks/diagrams.ts", "--check"] },
  { name: "citations", args: ["run", "-A", "tasks/check_citations.ts"] },
];

const TESTS: Step = { name: "tests", args: ["run", "-A", "tasks/test.ts"], echo: true };

async function runStep(step: Step): Promise<boolean> {
  const began = performance.now();
  const { code, output }: CommandResult = await runCommand(
    [Deno.execPath(), ...step.args],
    { cwd: ROOT, echo: step.echo === true },
  );
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  if (code !== 0 && step.echo !== true) console.log(output.trimEnd());
  console.log(`${code === 0 ? "✓" : "✗"} ${step.name.padEnd(10)} ${seconds.padStart(6)} s`);
  return code === 0;
}

const flags = parseArgs(Deno.args, {
  boolean: ["tests"],
  negatable: ["tests"],
  default: { tests: true },
});
const failed: string[] = [];
for (const step of flags.tests ? [...STEPS, TESTS] : STEPS) {
  if (!await runStep(step)) failed.push(step.name);
}
console.log(failed.length === 0 ? "ok" : `failed: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);
