/** Why a process could not be started, and what can be done about it. */
import { SpawnError, type SpawnFault } from "../core/mod.ts";
import type { FoundProgram } from "./find_program.ts";
import { type Lack, lackOf } from "./lack.ts";
import { descriptorLimit, threadLimit } from "./process_limits.ts";
import type { ProgramFlaw } from "./program_head.ts";

export type Flaw = ProgramFlaw | Extract<FoundProgram, { found: false }>["flaw"] | "no_cwd";

/** Of what is known before it is tried. */
export function toFlawError(program: string, flaw: Flaw, cwd = ""): SpawnError {
  return spawnError(program, explainFlaw(flaw, cwd), { fault: "program" });
}

/** Of what the runtime throws when it is tried. */
export function toSpawnError(program: string, error: unknown): SpawnError {
  const lack = lackOf(error);
  const explanation = lack === null ? explainSpawn(error) : explainLack(lack);
  return spawnError(program, explanation, { fault: lack ?? "program", cause: error });
}

type Explanation = readonly [why: string, remedy: string];

function spawnError(
  program: string,
  [why, remedy]: Explanation,
  { fault, cause }: { readonly fault: SpawnFault; readonly cause?: unknown },
): SpawnError {
  return new SpawnError({ detail: `${program} ${why}.`, remedy, cause }, fault);
}

function explainLack(lack: Lack): Explanation {
  const again = "it is tried again while somebody waits";
  switch (lack) {
    case "descriptors":
      return [
        `could not be started: all ${descriptorLimit()} descriptors that this program may have open ` +
        "(`ulimit -n`), or all of the system, are in use",
        `Close connections to this program, or run it with a higher \`ulimit -n\`; ${again}.`,
      ];
    case "processes":
      return [
        "could not be started: there may be no further process; the limit of this user " +
        `(\`ulimit -u\`: ${threadLimit()}, threads count) or of a control group (pids.max) is reached`,
        `End processes of this user, or raise the limit; ${again}.`,
      ];
    case "memory":
      return [
        "could not be started: the system has no memory for another process (ENOMEM)",
        `End programs that take up memory, or see /proc/sys/vm/overcommit_memory; ${again}.`,
      ];
  }
}

function explainFlaw(flaw: Flaw, cwd: string): Explanation {
  switch (flaw) {
    case "missing":
      return ["is not there, or the interpreter its first line names is not", "Check the path."];
    case "not_executable":
      return ["is not executable", "Run `chmod +x` on it, or name another program."];
    case "no_cwd":
      return [
        `can't be started in a directory that is not there: cwd is ${cwd}`,
        "Make that directory, or let `cwd` of the engine name another one.",
      ];
    case "directory":
      return ["is a directory", "Name the program in it."];
    case "another_architecture":
      return [
        `is a program for another architecture than this machine's (${Deno.build.arch})`,
        "Use a build for this machine.",
      ];
    case "no_interpreter":
      return [
        "is neither a program of this system nor a script with a `#!` line",
        "Begin the script with a `#!` line that names its interpreter, e.g. `#!/bin/sh`.",
      ];
  }
}

function explainSpawn(error: unknown): Explanation {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return explainFlaw("missing", "");
  }
  if (error instanceof Deno.errors.PermissionDenied) return explainFlaw("not_executable", "");
  const text = error instanceof Error ? error.message : String(error);
  return [
    `could not be started: ${text}`,
    "See the cause, mend it, and start it again.",
  ];
}
