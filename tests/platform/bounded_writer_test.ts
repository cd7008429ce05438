import { assert, assertEquals } from "@std/assert";
import { BoundedWriter } from "../../src/platform/mod.ts";
import { settle } from "../support/fake_clock.ts";

/** A sink of which each write waits until the test lets it go on. */
class SlowSink {
  text = "";
  /** Bytes that one write takes at most. */
  takes = Infinity;
  /** Writes that were begun while another was under way. */
  overlaps = 0;
  #goOn: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  readonly #decoder = new TextDecoder();

  write(bytes: Uint8Array): Promise<number> {
    if (this.isBusy) this.overlaps++;
    return new Promise((resolve, reject) => {
      this.#goOn = () => {
        const taken = bytes.subarray(0, this.takes);
        this.text += this.#decoder.decode(taken, { stream: true });
        resolve(taken.length);
      };
      this.#fail = reject;
    });
  }

  get isBusy(): boolean {
    return this.#goOn !== undefined;
  }

  /** Ends the write under way. */
  async goOn(): Promise<void> {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
    await settle();
  }

  async breakDown(): Promise<void> {
    const fail = this.#fail;
    this.#goOn = undefined;
    fail?.(new Deno.errors.BrokenPipe("gone"));
    await settle();
  }

  async drain(): Promise<void> {
    while (this.isBusy) await this.goOn();
  }
}

Deno.test("lines come out in order, whole, and one write at a time", async () => {
  const sink = new SlowSink();
  sink.takes = 7;
  const writer = new BoundedWriter(sink);
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i} grün 😀`);
  for (const [i, line] of lines.entries()) {
    writer.writeLine(line);
    if (i % 7 === 0) await sink.goOn();
  }
  await sink.drain();
  assertEquals(sink.text, lines.join("\n") + "\n");
  assertEquals(sink.overlaps, 0);
});

Deno.test("flush() ends when all that was taken is out, and at once when nothing waits", async () => {
  const sink = new SlowSink();
  const writer = new BoundedWriter(sink);
  await writer.flush();
  writer.writeLine("a");
  writer.writeLine("b");
  let isFlushed = false;
  const flushed = writer.flush().then(() => isFlushed = true);
  await sink.goOn();
  assertEquals([sink.text, isFlushed], ["a\n", false]);
  await sink.goOn();
  await flushed;
  assertEquals(sink.text, "a\nb\n");
});

Deno.test("what a slow sink has no room for is dropped, counted, and said in its place", async () => {
  const sink = new SlowSink();
  const writer = new BoundedWriter(sink, { maxChars: 20 });
  writer.writeLine("under way");
  for (let i = 0; i < 1_000; i++) writer.writeLine(`waits ${i % 10}`);
  await sink.goOn();
  writer.writeLine("later");
  await sink.drain();
  assertEquals(
    sink.text,
    "under way\nwaits 0\nwaits 1\n… 998 lines were dropped here\nlater\n",
  );
});

Deno.test("a line that is larger than all the room is dropped and said, also when alone", async () => {
  const sink = new SlowSink();
  const writer = new BoundedWriter(sink, { maxChars: 10 });
  writer.writeLine("x".repeat(11));
  const flushed = writer.flush();
  await sink.drain();
  await flushed;
  assertEquals(sink.text, "… 1 lines were dropped here\n");
  writer.writeLine("fits");
  await sink.drain();
  assertEquals(sink.text, "… 1 lines were dropped here\nfits\n");
});

Deno.test("what says that lines were dropped has the form of the others", async () => {
  const sink = new SlowSink();
  const toNote = (message: string) => JSON.stringify({ message });
  const writer = new BoundedWriter(sink, { maxChars: 5, toNote });
  writer.writeLine("too long");
  await sink.drain();
  assertEquals(sink.text, '{"message":"… 1 lines were dropped here"}\n');
});

Deno.test("a broken sink throws at nobody, and flush() ends", async () => {
  const sink = {
    write: (): Promise<number> => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  };
  const writer = new BoundedWriter(sink, { maxChars: 100 });
  for (let i = 0; i < 1_000; i++) writer.writeLine(`line ${i}`);
  await writer.flush();
  writer.writeLine("again");
  await writer.flush();
});

Deno.test("a sink that comes back gets what is written then, and hears what it missed", async () => {
  const sink = new SlowSink();
  const writer = new BoundedWriter(sink, { maxChars: 20 });
  writer.writeLine("under way");
  for (let i = 0; i < 10; i++) writer.writeLine(`waits ${i}`);
  await sink.breakDown();
  assert(!sink.isBusy);
  writer.writeLine("back");
  await sink.drain();
  await writer.flush();
  assertEquals(sink.text, "back\n… 11 lines were dropped here\n");
});

Deno.test("a full pipe that nobody reads does not hold up the writer", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"], stdin: "piped" }).spawn();
  const stdin = child.stdin.getWriter();
  const sink = {
    async write(bytes: Uint8Array): Promise<number> {
      await stdin.write(bytes);
      return bytes.length;
    },
  };
  const writer = new BoundedWriter(sink, { maxChars: 100_000 });
  for (let i = 0; i < 5_000; i++) {
    writer.writeLine("x".repeat(99));
    if (i % 1_000 === 0) await settle();
  }
  child.kill("SIGKILL");
  await child.status;
  await writer.flush();
  await stdin.close().catch(() => {});
});
