/**
 * Looks for a program as the system would, where another one runs it for us: what is wrong with it would
 * be told by an exit code then, after the start.
 *
 * @module
 */
import { resolve } from "@std/path";

export type FoundProgram =
  | { readonly found: true; readonly path: string }
  /** `missing`: it is not there, or the interpreter its first line names is not. */
  | { readonly found: false; readonly flaw: "missing" | "not_executable" };

/** Where the C library looks without a PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** What execvp(3) runs with this PATH from `cwd`; permissions of ours are not looked at. */
export function findProgram(
  program: string,
  { path = DEFAULT_PATH, cwd = "" }: {
    readonly path?: string | undefined;
    readonly cwd?: string | undefined;
  } = {},
): FoundProgram {
  const dirs = program.includes("/") ? [""] : path.split(":");
  let flaw: "missing" | "not_executable" = "missing";
  for (const dir of program === "" ? [] : dirs) {
    const file = resolve(cwd, dir, program);
    const mode = modeOf(file);
    if (mode === null) continue;
    if ((mode & 0o111) === 0) flaw = "not_executable";
    else if (modeOf(interpreterOf(file)) === null) return { found: false, flaw: "missing" };
    else return { found: true, path: file };
  }
  return { found: false, flaw };
}

/** Permission bits of a file; `null` when there is none. */
function modeOf(path: string): number | null {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile ? mode ?? 0 : null;
  } catch {
    return null;
  }
}

/** What runs `file`: the program that its `#!` line names, else itself. */
function interpreterOf(file: string): string {
  try {
    using open = Deno.openSync(file);
    const head = new Uint8Array(256);
    const text = new TextDecoder().decode(head.subarray(0, open.readSync(head) ?? 0));
    return /^#![ \t]*(\/[^\s]*)/.exec(text)?.[1] ?? file;
  } catch {
    // It may be run and not be read.
    return file;
  }
}
