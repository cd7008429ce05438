/** A process of the simulation with what descends from it, and what it was seen to do. */
import type { ExitStatus, ProcessTree, SpawnSpec } from "../../../src/core/mod.ts";
import { Service } from "./service.ts";
import { SimPipe } from "./sim_pipe.ts";
import type { Temper } from "./temper.ts";

/** What a process needs of its world. */
export interface SimWorld {
  now(): number;
  /** Calls `then` in `ms` milliseconds, at once for 0. */
  after(ms: number, then: () => void): void;
  /** Whether nobody can look into the process table. */
  readonly isBlind: boolean;
  /** A process has got an input or a proxied request; `what` tells it from all others. */
  gets(what: string): void;
  /** Something happened that never may. */
  fault(text: string): void;
}

/** When something happened: its time, and its place among all that happened to this process. */
export interface Seen {
  readonly at: number;
  readonly order: number;
}

export interface SimProcessOptions {
  readonly pid: number;
  readonly engine: string;
  /** Which of its engine's processes it is, from 1. */
  readonly generation: number;
  readonly spec: SpawnSpec;
  readonly temper: Temper;
  readonly world: SimWorld;
}

export class SimProcess implements ProcessTree {
  readonly pid: number;
  readonly engine: string;
  readonly generation: number;
  readonly temper: Temper;
  readonly argv: readonly string[];
  /** Where it is told to listen. */
  readonly path: string;
  readonly runId: string;
  readonly service: Service;
  readonly exited: Promise<ExitStatus>;
  readonly #out = new SimPipe();
  readonly #err = new SimPipe();
  /** First of each. */
  termed: Seen | undefined;
  killed: Seen | undefined;
  /** The end of the leader, and when it could be known. */
  ended: Seen & { readonly exit: ExitStatus } | undefined;
  reaped: Seen | undefined;
  /** Whether SIGKILL did not end it: nobody can do anything about it any more. */
  hasOutlivedKill = false;
  isReleased = false;
  /** Whether something of it could not be found when it was looked for the last time. */
  hasEscaped = false;
  readonly #world: SimWorld;
  #order = 0;
  #resolve: (exit: ExitStatus) => void = () => {};
  #hasMember: boolean;
  #strays: number;
  #forks: number;
  #isStopped = false;
  /** Whether somebody has looked and found nobody in its group: its number is free. */
  #isKnownEmpty = false;
  /** What it does as soon as it goes on. */
  #onContinue: (() => void)[] = [];

  constructor({ pid, engine, generation, spec, temper, world }: SimProcessOptions) {
    this.pid = pid;
    this.engine = engine;
    this.generation = generation;
    this.temper = temper;
    this.argv = spec.argv;
    this.path = spec.env["AI_ENGINE_SOCKET"] ?? "";
    this.runId = spec.runId;
    this.#world = world;
    this.exited = new Promise((resolve) => this.#resolve = resolve);
    const { family } = temper;
    this.#hasMember = family === "obeys" || family === "stays";
    this.#strays = family === "stray" || family === "forks" ? 1 : 0;
    this.#forks = family === "forks" ? 2 : 0;
    this.service = new Service(this, world);
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#out.stream;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#err.stream;
  }

  /** Its place among all processes of its engine, as its run id has it. */
  get serial(): number {
    return Number(this.runId.split("-").at(-1));
  }

  /** Whether its leader runs. */
  get isAlive(): boolean {
    return this.ended === undefined;
  }

  /** Whether a signal to its group would meet anything. */
  get hasGroupLife(): boolean {
    return this.isAlive || this.#hasMember;
  }

  /** Whether anything that is to be ended with it runs. */
  get hasLife(): boolean {
    return this.hasGroupLife || this.#strays > 0;
  }

  /** Whether a signal keeps it from doing anything. */
  isStopped(): boolean {
    return this.#isStopped && this.isAlive;
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    if (this.#isKnownEmpty) {
      this.#world.fault(`${osSignal} to group ${this.pid}, which may be another's by now`);
    }
    if (osSignal === "SIGKILL") return this.#kill();
    this.termed ??= this.#see();
    if (this.temper.family === "obeys") this.#hasMember = false;
    this.goOn();
    if (this.temper.term === "exits") this.exitSoon(143, "SIGTERM");
    this.#maybeEndPipes();
  }

  /** Exits in its own time. */
  exitSoon(code: number, osSignal: string | null = null): void {
    this.#world.after(this.temper.exitMs, () => this.whenRunning(() => this.exit(code, osSignal)));
  }

  /** Is stopped by SIGSTOP. */
  freeze(): void {
    this.#isStopped = true;
  }

  /** Gets SIGCONT. */
  goOn(): void {
    this.#isStopped = false;
    for (const act of this.#onContinue.splice(0)) act();
  }

  /** Does `act` now, or when it is no longer stopped. */
  whenRunning(act: () => void): void {
    if (this.#isStopped) this.#onContinue.push(act);
    else act();
  }

  exit(code: number, osSignal: string | null = null): void {
    if (!this.isAlive) return;
    const exit = { code, osSignal };
    this.ended = { ...this.#see(), exit };
    this.service.end();
    this.#maybeEndPipes();
    this.#world.after(this.temper.reapMs, () => {
      this.reaped = this.#see();
      this.#resolve(exit);
    });
  }

  async killStrays(): Promise<number> {
    this.hasEscaped = this.#strays > 0;
    await this.#look();
    const met = this.#strays;
    this.#strays = met > 0 && this.#forks > 0 ? 1 : 0;
    this.#forks--;
    this.hasEscaped = this.#strays > 0;
    this.#maybeEndPipes();
    return met;
  }

  async hasGroup(): Promise<boolean> {
    await this.#look();
    this.#isKnownEmpty = !this.hasGroupLife;
    return !this.#isKnownEmpty;
  }

  rssBytes(): number | null {
    return this.isAlive ? 1_000_000 : null;
  }

  heldBytes(): Promise<number> {
    return Promise.resolve(this.hasLife ? 1_000_000 : 0);
  }

  ownsPort(): Promise<boolean | null> {
    return Promise.resolve(true);
  }

  release(): void {
    this.isReleased = true;
    this.#out.end();
    this.#err.end();
  }

  #kill(): void {
    this.killed ??= this.#see();
    this.#hasMember = false;
    if (this.temper.kill === "ignored" && this.isAlive) this.hasOutlivedKill = true;
    else this.exit(137, "SIGKILL");
    this.#maybeEndPipes();
  }

  async #look(): Promise<void> {
    const { lookMs } = this.temper;
    if (lookMs > 0) await new Promise<void>((resolve) => this.#world.after(lookMs, resolve));
    if (this.#world.isBlind) throw new Error("too many open files");
  }

  #see(): Seen {
    return { at: this.#world.now(), order: this.#order++ };
  }

  #maybeEndPipes(): void {
    if (this.hasLife || this.temper.family === "holds_pipes") return;
    this.#out.end();
    this.#err.end();
  }
}
