/** Runs programs to their end, with their output kept. */

export interface CommandOptions {
  /** @default the current directory */
  readonly cwd?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Show the output while it comes. @default false */
  readonly echo?: boolean;
  /** After this time the program is killed, and its code is 124. @default no limit */
  readonly limitMs?: number;
}

export interface CommandResult {
  readonly code: number;
  /** Standard output and error in the order in which they came; at most the last MiB or so. */
  readonly output: string;
}

/** Characters kept of a program's output. */
const KEPT = 1 << 20;

/** How long output may still come after the program's end, from whoever inherited its pipes. */
const AFTER_END_MS = 2_000;

/**
 * Runs a program and waits for its end. A program that can't be started has code 127 and the reason
 * as its output; nothing is thrown.
 */
export async function runCommand(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = argv;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      cwd: options.cwd ?? Deno.cwd(),
      env: { ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    return { code: 127, output: `${program}: ${error instanceof Error ? error.message : error}` };
  }
  let output = "";
  const keep = (text: string) => {
    output = (output + text).slice(-KEPT);
  };
  const over = new AbortController();
  const outputs = Promise.all([
    copy(child.stdout, options.echo === true ? Deno.stdout : null, keep, over.signal),
    copy(child.stderr, options.echo === true ? Deno.stderr : null, keep, over.signal),
  ]);
  const code = await waitWithLimit(child, options.limitMs);
  const timer = setTimeout(() => over.abort(), AFTER_END_MS);
  await outputs;
  clearTimeout(timer);
  return { code, output };
}

async function waitWithLimit(child: Deno.ChildProcess, limitMs?: number): Promise<number> {
  let isOver = false;
  const timer = limitMs === undefined ? undefined : setTimeout(() => {
    isOver = true;
    child.kill("SIGKILL");
  }, limitMs);
  const { code } = await child.status;
  clearTimeout(timer);
  return isOver ? 124 : code;
}

/** Copies `source` until its end, or until `over`; what comes later is dropped. */
async function copy(
  source: ReadableStream<Uint8Array>,
  shown: { writeSync(bytes: Uint8Array): number } | null,
  keep: (text: string) => void,
  over: AbortSignal,
): Promise<void> {
  const reader = source.getReader();
  const decoder = new TextDecoder();
  const stop = () => reader.cancel().catch(() => {});
  over.addEventListener("abort", stop);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (shown !== null) writeAllSync(shown, value);
    keep(decoder.decode(value, { stream: true }));
  }
  keep(decoder.decode());
}

function writeAllSync(writer: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writer.writeSync(bytes.subarray(done));
}

/** Text without the escape sequences for colours. */
export function stripColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/\x1b\[[0-9;]*m/g, "");
}

/** The last lines of a text, empty ones left out. */
export function lastLines(text: string, count: number): string {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "").slice(-count).join("\n");
}
