/** One process of the program, from its start to its end. */

export interface TcpAddress {
  readonly transport: "tcp";
  readonly hostname: string;
  readonly port: number;
}

export interface LifeOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Told of each line on its standard error that should not be there. */
  readonly onAlarm: (line: string) => void;
}

/** How long it may take until it listens: a loaded machine, and what another has left to be ended. */
const START_LIMIT_MS = 20_000;

/**
 * Lines on standard error of a program that is well: its own, but for one, its engines', and what it
 * says when nobody reads as fast as it writes.
 */
const GOOD_LINE = /^\[[a-z_-]+\] (?!Internal error)|^… \d+ lines were dropped here$|^$/;

/** Of its own lines the last ones are kept. */
const OWN_LINE = /^\[ai-engine\] /;
const KEPT_LINES = 8;

export class Life {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  readonly #lastLines: string[] = [];
  /** Where it listens, once it does; rejects when it never will. */
  readonly address: Promise<TcpAddress>;

  constructor({ argv, env, onAlarm }: LifeOptions) {
    const [program = "", ...args] = argv;
    this.#child = new Deno.Command(program, {
      args,
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const port = Promise.withResolvers<number>();
    const timer = setTimeout(() => port.reject(new Error("it does not listen")), START_LIMIT_MS);
    this.address = port.promise
      .then((port) => ({ transport: "tcp" as const, hostname: "127.0.0.1", port }))
      .finally(() => clearTimeout(timer));
    const onLine = (line: string) => {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (found !== undefined) port.resolve(Number(found));
    };
    this.#reading = Promise.all([
      readLines(this.#child.stdout, onLine)
        .then(() => port.reject(new Error("it ended before it listened"))),
      readLines(this.#child.stderr, (line) => {
        if (!GOOD_LINE.test(line)) onAlarm(line);
        if (!OWN_LINE.test(line)) return;
        this.#lastLines.push(line);
        if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
      }),
    ]);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it said of itself last. */
  get lastLines(): string {
    return this.#lastLines.join("\n");
  }

  /** Resolves when it is gone and reaped, and all that it printed is read. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await this.#child.status;
    await this.#reading;
    return status;
  }
}

/** Whole lines; one that a kill has cut is left out. */
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
}
