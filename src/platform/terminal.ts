/** Standard input and output, as commands use them. */

export interface TerminalOutput {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Resolves to `false` when the reader is gone (a closed pipe). */
  write(text: string): Promise<boolean>;
}

type StandardOutput = typeof Deno.stdout | typeof Deno.stderr;

export function terminalOutput(stream: StandardOutput): TerminalOutput {
  return {
    isTerminal: stream.isTerminal(),
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80;
      }
    },
    async write(text) {
      const bytes = new TextEncoder().encode(text);
      try {
        for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
        return true;
      } catch {
        return false;
      }
    },
  };
}

export const stdout = Deno.stdout;
export const stderr = Deno.stderr;

export function stdinIsTerminal(): boolean {
  return Deno.stdin.isTerminal();
}

/** Reads a file, but no more than its first `maxBytes`. */
export async function readFileStart(path: string, maxBytes: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  return await readStart(file, maxBytes);
}

/** Reads standard input to its end, but no more than its first `maxBytes`. */
export function readStdinStart(maxBytes: number): Promise<Uint8Array> {
  return readStart(Deno.stdin, maxBytes);
}

/** The first `maxBytes` of `source`. */
export async function readStart(
  source: { read(buffer: Uint8Array): Promise<number | null> },
  maxBytes: number,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(maxBytes);
  let length = 0;
  while (length < maxBytes) {
    const count = await source.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}
