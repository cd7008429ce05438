/** Owns what must not outlive the bench: processes, directories, a browser. */
import { inRoot } from "../support/root.ts";
import { OwnedProcess, type ProcessOptions } from "./owned_process.ts";

/**
 * Whatever is made through the yard is gone when the yard is disposed of. Each thing may be disposed
 * of before that, by whoever asked for it.
 */
export class Yard implements AsyncDisposable {
  readonly #things: AsyncDisposable[] = [];
  #closing: Promise<void> | undefined;

  /** Whether it has been disposed of: what fails from now on fails for that. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Starts a program. Throws once the yard is closed. */
  spawn(argv: readonly string[], options: ProcessOptions = {}): OwnedProcess {
    if (this.isClosed) throw new Error("the bench is ending");
    return this.own(new OwnedProcess(argv, options));
  }

  /** A new directory with a short path, as sockets need. */
  async directory(): Promise<Directory> {
    return this.own(new Directory(await Deno.makeTempDir({ prefix: "aib-" })));
  }

  /** A place for the file `name` in .cache/bench, removed at the end. */
  async file(name: string): Promise<string> {
    const path = inRoot(".cache", "bench", `${Deno.pid}-${name}`);
    await Deno.mkdir(inRoot(".cache", "bench"), { recursive: true });
    this.own({ [Symbol.asyncDispose]: () => Deno.remove(path).catch(() => {}) });
    return path;
  }

  /** Takes care of `thing`, whose disposal may be asked for twice. */
  own<T extends AsyncDisposable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends everything, the newest first; one that does not end well leaves the others to theirs. */
  async #close(): Promise<void> {
    for (let thing = this.#things.pop(); thing !== undefined; thing = this.#things.pop()) {
      try {
        await thing[Symbol.asyncDispose]();
      } catch (error) {
        console.error(`bench: ${error}`);
      }
    }
  }
}

/** A temporary directory. */
export class Directory implements AsyncDisposable {
  constructor(readonly path: string) {}

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true }).catch(() => {});
  }
}
