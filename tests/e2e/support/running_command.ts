/** A command of the command line that goes on, e.g. `logs -f`. */
import { programCommand, type RunningProgram, within } from "../../support/program.ts";

export class RunningCommand implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #wake: () => void = () => {};

  constructor(program: RunningProgram, args: readonly string[]) {
    const [command, ...first] = programCommand();
    this.#child = new Deno.Command(command, {
      args: [...first, ...args, "--control", program.control],
      env: { XDG_RUNTIME_DIR: program.runtimeDir },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const read = async (stream: ReadableStream<Uint8Array>, name: "stdout" | "stderr") => {
      const decoder = new TextDecoder();
      for await (const bytes of stream) {
        this[name] += decoder.decode(bytes, { stream: true });
        this.#wake();
      }
    };
    this.#reading = Promise.all([
      read(this.#child.stdout, "stdout"),
      read(this.#child.stderr, "stderr"),
    ]);
  }

  /** Waits until stdout has it. */
  async printed(pattern: RegExp): Promise<void> {
    const look = async () => {
      while (!pattern.test(this.stdout)) await new Promise<void>((wake) => this.#wake = wake);
    };
    await within(look(), () => `${pattern} was not printed: ${this.stdout}\n${this.stderr}`);
  }

  signal(osSignal: Deno.Signal): void {
    this.#child.kill(osSignal);
  }

  /** Its exit code. */
  async ended(): Promise<number> {
    const { code } = await within(this.#child.status, () => `It did not end: ${this.stdout}`);
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}
