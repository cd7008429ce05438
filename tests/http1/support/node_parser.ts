/** Node's own HTTP parser, in a process of its own, asked over a socket. */

/** What Node made of one connection. */
export interface NodeTranscript {
  /** The requests that it took to be whole. */
  readonly requests: readonly {
    readonly method: string;
    readonly target: string;
    readonly bodyBytes: number;
  }[];
  /** Code of the error that ended the connection. */
  readonly error: string | null;
}

const SCRIPT = new URL("./node_server.mjs", import.meta.url).pathname;

/** Whether there is a `node` on the PATH to run. */
export async function hasNode(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("node", { args: ["--version"], stdout: "null" })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A Node server that is asked one connection after the other. */
export class NodeParser implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(directory: string) {
    this.#directory = directory;
    const args = [SCRIPT, this.#path];
    this.#process = new Deno.Command("node", { args, stdout: "piped" }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(): Promise<NodeParser> {
    const parser = new NodeParser(await Deno.makeTempDir());
    await parser.#line();
    return parser;
  }

  /** Sends `input` and the end of the connection. */
  async parse(input: Uint8Array): Promise<NodeTranscript> {
    using connection = await Deno.connect({ transport: "unix", path: this.#path });
    try {
      for (let at = 0; at < input.length;) at += await connection.write(input.subarray(at));
      await connection.closeWrite();
    } catch {
      // It has heard enough, and says why in its line.
    }
    return JSON.parse(await this.#line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#lines.cancel();
    await this.#process.status;
    await Deno.remove(this.#directory, { recursive: true });
  }

  get #path(): string {
    return `${this.#directory}/node.sock`;
  }

  async #line(): Promise<string> {
    for (let end = this.#text.indexOf("\n"); end < 0; end = this.#text.indexOf("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("node has ended");
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }
}
