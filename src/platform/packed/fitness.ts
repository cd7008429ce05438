/** Whether this machine can run a packed engine. */
import { runShortProcess } from "../short_process.ts";
import { CannotRun } from "./unpacked_engine.ts";

/** It imports everything and ends: a quarter of a second, on a busy machine a few. */
const PROOF_MS = 60_000;

/** Throws `CannotRun` when the C library is older than `floor`, or another; unknown is no reason. */
export async function checkGlibc(floor: readonly [number, number]): Promise<void> {
  const text = await readGlibc();
  const found = /^glibc (\d+)\.(\d+)/.exec(text);
  if (found === null) return;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major > floor[0] || (major === floor[0] && minor >= floor[1])) return;
  throw new CannotRun(`it needs glibc ${floor.join(".")} or later, and here is ${text.trim()}`);
}

async function readGlibc(): Promise<string> {
  try {
    const options = { limitMs: 5_000, maxBytes: 1_000 };
    const end = await runShortProcess(["getconf", "GNU_LIBC_VERSION"], options);
    return end.kind === "done" ? end.output : "";
  } catch {
    return "";
  }
}

/** Throws what is wrong with its place (nothing may be run from there), or `CannotRun`. */
export async function proveProgram(program: string): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: ["--check"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new TypeError("no program may be run from there (noexec)", { cause: error });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), PROOF_MS);
  try {
    const { code, stderr } = await child.output();
    if (code === 0) return;
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    const why = lines.at(-1) || `it ended with code ${code}`;
    // Programs may be run from there, but no library: mounted noexec, as seen by the loader.
    if (/failed to map segment|Operation not permitted/.test(why)) throw new TypeError(why);
    throw new CannotRun(why);
  } finally {
    clearTimeout(timer);
  }
}
