import { assertEquals } from "@std/assert";
import { type Run, runDevLoop } from "../../tasks/support/dev_loop.ts";

/** A program whose end the test decides. */
class FakeRun implements Run {
  readonly signals: Deno.Signal[] = [];
  readonly #ended = Promise.withResolvers<Deno.CommandStatus>();
  readonly status = this.#ended.promise;

  kill(osSignal: Deno.Signal = "SIGTERM"): void {
    this.signals.push(osSignal);
  }

  end(code: number): void {
    this.#ended.resolve({ success: code === 0, code, signal: null });
  }
}

/** A loop over fake programs, with the test as editor and terminal. */
class Bench {
  readonly runs: FakeRun[] = [];
  readonly said: string[] = [];
  #changed = Promise.withResolvers<void>();
  #started = Promise.withResolvers<void>();
  #receive: (osSignal: Deno.Signal) => void = () => {};
  readonly code: Promise<number>;

  constructor(endLimitMs = 20_000) {
    this.code = runDevLoop({
      endLimitMs,
      start: () => {
        this.runs.push(new FakeRun());
        this.#started.resolve();
        return Promise.resolve(this.run);
      },
      nextChange: () => {
        this.#changed = Promise.withResolvers();
        return this.#changed.promise;
      },
      onSignal: (receive) => this.#receive = receive,
      say: (line) => this.said.push(line),
    });
  }

  get run(): FakeRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error("nothing runs");
    return run;
  }

  change(): Promise<void> {
    this.#changed.resolve();
    return settle();
  }

  signal(osSignal: Deno.Signal): Promise<void> {
    this.#receive(osSignal);
    return settle();
  }

  end(code: number): Promise<void> {
    this.run.end(code);
    return settle();
  }
}

/** Lets everything run that is ready to. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a change ends the program, and the next one starts when it is gone", async () => {
  const bench = new Bench();
  await settle();
  await bench.change();
  assertEquals(bench.runs.length, 1);
  assertEquals(bench.run.signals, ["SIGTERM"]);
  await bench.end(0);
  assertEquals(bench.runs.length, 2);
  await bench.signal("SIGINT");
  await bench.end(0);
  assertEquals(await bench.code, 0);
});

Deno.test("a signal is passed on, and the program's code is the loop's", async () => {
  const bench = new Bench();
  await settle();
  await bench.signal("SIGHUP");
  assertEquals(bench.run.signals, ["SIGHUP"]);
  await bench.end(11);
  assertEquals(await bench.code, 11);
});

Deno.test("the echo of a signal is not passed on, another signal is", async () => {
  const bench = new Bench();
  await settle();
  await bench.signal("SIGINT");
  await bench.signal("SIGINT");
  await bench.signal("SIGTERM");
  assertEquals(bench.run.signals, ["SIGINT", "SIGTERM"]);
  await bench.end(0);
  await bench.code;
});

Deno.test("a program that fails by itself is not started before a change", async () => {
  const bench = new Bench();
  await settle();
  await bench.end(1);
  assertEquals(bench.runs.length, 1);
  assertEquals(bench.said, ["It ended with code 1. Waiting for a change."]);
  await bench.change();
  assertEquals(bench.runs.length, 2);
  await bench.signal("SIGTERM");
  await bench.end(0);
  assertEquals(await bench.code, 0);
});

Deno.test("a signal while nothing runs ends the loop with the last code", async () => {
  const bench = new Bench();
  await settle();
  await bench.end(3);
  await bench.signal("SIGINT");
  assertEquals(await bench.code, 3);
});

Deno.test("a program that ends well by itself ends the loop", async () => {
  const bench = new Bench();
  await settle();
  await bench.end(0);
  assertEquals(await bench.code, 0);
  assertEquals(bench.said, []);
});

Deno.test("a signal while the old program ends after a change starts no new one", async () => {
  const bench = new Bench();
  await settle();
  await bench.change();
  await bench.signal("SIGINT");
  await bench.end(130);
  assertEquals(await bench.code, 130);
  assertEquals(bench.runs.length, 1);
  assertEquals(bench.run.signals, ["SIGTERM", "SIGINT"]);
});

Deno.test("a program that does not end is killed", async () => {
  const bench = new Bench(1);
  await settle();
  await bench.signal("SIGTERM");
  while (!bench.run.signals.includes("SIGKILL")) await settle();
  await bench.end(137);
  assertEquals(await bench.code, 137);
});
