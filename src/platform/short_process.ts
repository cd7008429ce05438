/** A process that is to answer and end soon: what it does can't hurt this one. */
import { SpawnError } from "../core/mod.ts";

export interface ShortProcessOptions {
  /** Then it is killed. */
  readonly limitMs: number;
  /** What it may print; then it is killed. */
  readonly maxBytes: number;
}

/** What came of it. */
export type ShortProcessEnd =
  | { readonly kind: "done"; readonly output: string }
  | { readonly kind: "too_long" | "too_much" }
  /** It ended with another code than 0. */
  | { readonly kind: "failed"; readonly code: number };

/**
 * Runs program and arguments to their end, with this process' environment and stderr. Throws
 * `SpawnError`.
 */
export async function runShortProcess(
  argv: readonly [string, ...string[]],
  { limitMs, maxBytes }: ShortProcessOptions,
): Promise<ShortProcessEnd> {
  const child = start(argv);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limitMs);
  try {
    const output = await readUpTo(child.stdout, maxBytes);
    if (output === null) child.kill("SIGKILL");
    const { code } = await child.status;
    if (output === null) return { kind: "too_much" };
    if (isLate) return { kind: "too_long" };
    return code === 0 ? { kind: "done", output } : { kind: "failed", code };
  } finally {
    clearTimeout(timer);
  }
}

function start([program, ...args]: readonly [string, ...string[]]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
      .spawn();
  } catch (error) {
    throw new SpawnError({
      detail: `${program} could not be run: ${String(error)}.`,
      remedy: "See that it is still there and that there is room for one more process.",
      cause: error,
    });
  }
}

/** All of `stream` as text; `null` when there is more of it than `maxBytes`. */
async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
