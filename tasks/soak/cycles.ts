/** Starts and stops an engine again and again, and looks at what the supervisor keeps of that. */
import { compileC } from "../bench/c_tools.ts";
import { askOk } from "../bench/raw_http.ts";
import type { Yard } from "../bench/yard.ts";
import { inRoot } from "../support/root.ts";
import type { Holdings } from "./holdings.ts";
import { ENGINE } from "./request_bytes.ts";
import { settle } from "./settle.ts";
import { type MemoryFacts, Subject } from "./subject.ts";

/** Each of so many cycles has an input; of each as many one is ended by SIGKILL, not by a stop. */
const INPUT_EVERY = 2;
const KILL_EVERY = 10;

/** A tenth of all cycles come first and are left out of the comparison of memory. */
const WARM_UP_SHARE = 0.1;

const PROGRESS_MS = 5_000;

export interface CyclesOptions {
  readonly cycles: number;
  /** @default the program from source */
  readonly executable?: string;
  readonly onProgress: (line: string) => void;
}

export interface CyclesReport {
  readonly cycles: number;
  /** After the warm-up, the engine stopped. */
  readonly before: Holdings;
  readonly after: Holdings;
  readonly memory: { readonly before: MemoryFacts; readonly after: MemoryFacts };
  readonly seconds: number;
}

/** Throws when there is no C compiler. */
export async function runCycles(yard: Yard, options: CyclesOptions): Promise<CyclesReport> {
  const engine = await compileC(inRoot("tasks", "soak", "tiny_engine.c"));
  if (engine.kind === "missing") throw new Error(engine.why);
  const { executable } = options;
  await using subject = await Subject.start(yard, {
    ...(executable === undefined ? {} : { executable }),
    isInspected: true,
    engine: [engine.path],
  });
  const began = performance.now();
  const run = new Run(subject, options);
  const { cycles } = options;
  const warm = await run.until(Math.ceil(cycles * WARM_UP_SHARE));
  const end = await run.until(cycles, warm.holdings.descriptors);
  return {
    cycles,
    before: warm.holdings,
    after: end.holdings,
    memory: { before: warm.memory, after: end.memory },
    seconds: (performance.now() - began) / 1_000,
  };
}

class Run {
  readonly #subject: Subject;
  readonly #options: CyclesOptions;
  #cycles = 0;
  #toldAt = 0;

  constructor(subject: Subject, options: CyclesOptions) {
    this.#subject = subject;
    this.#options = options;
  }

  /** Goes on until there were `cycles` in all, and looks. */
  async until(
    cycles: number,
    descriptors?: number,
  ): Promise<{ readonly holdings: Holdings; readonly memory: MemoryFacts }> {
    while (this.#cycles < cycles) {
      await this.#cycle(this.#cycles++);
      this.#tell();
    }
    const holdings = await settle(this.#subject, descriptors);
    return { holdings, memory: await this.#subject.memory() };
  }

  async #cycle(number: number): Promise<void> {
    const subject = this.#subject;
    await subject.change("start");
    if (number % INPUT_EVERY === 0) await input(subject);
    if (number % KILL_EVERY === 0) await kill(subject);
    await subject.change("stop");
  }

  #tell(): void {
    if (performance.now() - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = performance.now();
    this.#options.onProgress(`${this.#cycles} of ${this.#options.cycles} cycles`);
  }
}

async function input({ address }: Subject): Promise<void> {
  const target = `/api/engines/${ENGINE}/input`;
  await askOk(address, { method: "POST", target, body: { input: "hello" } });
}

async function kill(subject: Subject): Promise<void> {
  const { pid } = await subject.engineFacts();
  if (pid !== null) Deno.kill(pid, "SIGKILL");
}
