/** What the runtime throws where there is not enough of something, as 2.6.10 and 2.9.6 were seen to. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lackOf } from "../../src/platform/lack.ts";
import { PidsLimit } from "../support/pids_limit.ts";

const SPAWN = "Failed to spawn '/bin/true': ";

function systemError(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

Deno.test("each lack is told from what the runtime throws, and nothing else is one", () => {
  const wouldBlock = new Deno.errors.WouldBlock(
    `${SPAWN}Resource temporarily unavailable (os error 11)`,
  );
  for (
    const [error, lack] of [
      [systemError(`${SPAWN}Too many open files (os error 24)`, "EMFILE"), "descriptors"],
      [systemError(`${SPAWN}Too many open files in system (os error 23)`), "descriptors"],
      [Object.assign(wouldBlock, { code: "EAGAIN" }), "processes"],
      [systemError(`${SPAWN}Cannot allocate memory (os error 12)`, "ENOMEM"), "memory"],
      [systemError(`${SPAWN}Argument list too long (os error 7)`, "E2BIG"), null],
      [systemError(`${SPAWN}Text file busy (os error 26)`), null],
      [new Deno.errors.NotFound("No such file or directory (os error 2)"), null],
      ["Too many open files", null],
    ] as const
  ) assertEquals(lackOf(error), lack, String(error));
});

/** A program that tries to start another one; see spawn_under_limit.ts. */
class Starter implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterableIterator<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(prefix: readonly string[], ...args: readonly string[]) {
    const script = new URL("./support/spawn_under_limit.ts", import.meta.url).pathname;
    const command = [...prefix, Deno.execPath(), "run", "-A", "-q", script, ...args];
    this.#child = new Deno.Command(command[0] ?? "", {
      args: command.slice(1),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async started(): Promise<void> {
    assertEquals((await this.#lines.next()).value, "started");
  }

  /** What becomes of the next try. */
  async try(): Promise<{ readonly fault: string | null; readonly message?: string }> {
    await this.#writer.write(new Uint8Array(1));
    return JSON.parse((await this.#lines.next()).value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#lines.return?.();
    await this.#child.status;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncIterableIterator<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

Deno.test({
  name: "with all descriptors taken a spawn says so, names the limit, and works once some are free",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using starter = new Starter(["prlimit", "--nofile=64"], "descriptors");
    await starter.started();
    const { fault, message = "" } = await starter.try();
    assertEquals(fault, "descriptors");
    assertStringIncludes(message, "all 64 descriptors that this program may have open");
    assertEquals((await starter.try()).fault, null);
  },
});

Deno.test({
  name: "with no further process allowed a spawn says so, names the limits, and works once one is",
  ignore: !PidsLimit.isPossible,
  async fn() {
    await using starter = new Starter([]);
    await starter.started();
    await using limit = await PidsLimit.around(starter.pid);
    await limit.close();
    const { fault, message = "" } = await starter.try();
    assertEquals(fault, "processes");
    assertMatch(message, /`ulimit -u`: \d+, threads count.*pids\.max/);
    await limit.open();
    assertEquals((await starter.try()).fault, null);
  },
});
