/** A child process whose output is always read and whose end is seen to. */

export interface ProcessOptions {
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** From SIGTERM to SIGKILL; a supervisor takes 5 s for its own engines. */
const END_LIMIT_MS = 10_000;

/** Lines of stderr kept for errors. */
const KEPT_LINES = 20;

export class OwnedProcess implements AsyncDisposable {
  /** When it was started, in `performance.now()` time. */
  readonly startedAt: number;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<unknown>;
  readonly #unread: string[] = [];
  readonly #errors: string[] = [];
  #wake: () => void = () => {};
  #isAtEnd = false;

  constructor(argv: readonly string[], options: ProcessOptions = {}) {
    const [program = "", ...args] = argv;
    const command = new Deno.Command(program, {
      args,
      env: { ...options.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    this.startedAt = performance.now();
    this.#child = command.spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#reading = Promise.all([
      readLines(this.#child.stdout, (line) => this.#take(line)).then(() => this.#end()),
      readLines(this.#child.stderr, (line) => {
        this.#errors.push(line);
        if (this.#errors.length > KEPT_LINES) this.#errors.shift();
      }),
    ]);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it is gone and reaped. */
  get exited(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** The last line that it wrote to stderr so far. */
  get lastError(): string {
    return this.#errors.at(-1) ?? "";
  }

  /** The next line of standard output. Throws at its end, with the last lines of stderr. */
  async nextLine(): Promise<string> {
    for (;;) {
      const line = this.#unread.shift();
      if (line !== undefined) return line;
      if (this.#isAtEnd) throw new Error(`a program ended: ${this.#errors.join("\n")}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The next line in which `pattern` is found. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(await this.nextLine());
      if (match !== null) return match;
    }
  }

  async write(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  /** Ends its standard input. */
  async closeStdin(): Promise<void> {
    await this.#stdin.close().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), END_LIMIT_MS);
    await this.#child.status;
    clearTimeout(timer);
    await this.closeStdin();
    await this.#reading;
  }

  #take(line: string): void {
    this.#unread.push(line);
    this.#wake();
  }

  #end(): void {
    this.#isAtEnd = true;
    this.#wake();
  }

  #kill(osSignal: Deno.Signal): void {
    try {
      this.#child.kill(osSignal);
    } catch {
      // It has ended already.
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}
