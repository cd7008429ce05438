/** The supervisor under test, with the soak's engine. */
import { join } from "@std/path";
import { Program } from "../bench/program.ts";
import { readMemory } from "../bench/proc_files.ts";
import { type Address, askOk } from "../bench/raw_http.ts";
import type { Yard } from "../bench/yard.ts";
import { inRoot } from "../support/root.ts";
import { freePort, type Heap, probeHeap } from "./heap_probe.ts";
import { type HeldFacts, type Holdings, readHoldings } from "./holdings.ts";
import { ENGINE } from "./request_bytes.ts";

/** What `GET /api/engines/NAME` says, as far as it is used here. */
export interface EngineFacts extends HeldFacts {
  readonly state: string;
  readonly pid: number | null;
}

/** Memory of the supervisor's process. */
export interface MemoryFacts {
  readonly rssBytes: number;
  readonly pssBytes: number;
  /** `null` where it can't be looked into. */
  readonly heap: Heap | null;
}

export interface SubjectOptions {
  /** @default the program from source */
  readonly executable?: string;
  /** Lets the heap be looked into, which only the program from source does. @default false */
  readonly isInspected?: boolean;
  /** Program and arguments of the engine. @default the soak's own, see engine.ts */
  readonly engine?: readonly string[];
}

const MEBIBYTE = 1_024 * 1_024;

/** Ten thousand connections need twice as many descriptors; where no more are to be had, it says so. */
const MANY_DESCRIPTORS = ["sh", "-c", 'ulimit -n 65536 2>/dev/null; exec "$@"', "sh"];

const OWN_ENGINE = [
  Deno.execPath(),
  "run",
  "--quiet",
  "-A",
  inRoot("tasks", "soak", "engine.ts"),
];

export class Subject implements AsyncDisposable {
  readonly #program: Program;
  readonly #inspectorPort: number | null;

  private constructor(program: Program, inspectorPort: number | null) {
    this.#program = program;
    this.#inspectorPort = inspectorPort;
  }

  /** Starts the program in a runtime directory of its own. */
  static async start(yard: Yard, options: SubjectOptions = {}): Promise<Subject> {
    const { executable, isInspected = false } = options;
    const engine = await writeEngine((await yard.directory()).path, options.engine ?? OWN_ENGINE);
    const port = executable === undefined && isInspected ? freePort() : null;
    const inspect = port === null ? [] : [`--inspect=127.0.0.1:${port}`];
    const argv = executable === undefined
      ? [Deno.execPath(), "run", "--quiet", ...inspect, "-A", inRoot("main.ts")]
      : [executable];
    const serve = ["serve", "--listen", "127.0.0.1:0", "--engine", engine, "--idle-timeout", "-1"];
    return new Subject(await Program.start(yard, [...MANY_DESCRIPTORS, ...argv, ...serve]), port);
  }

  get address(): Address & { readonly transport: "tcp" } {
    const { address } = this.#program;
    if (address.transport !== "tcp") throw new TypeError("the supervisor listens on TCP");
    return address;
  }

  get pid(): number {
    return this.#program.process.pid;
  }

  /** Resolves when it is done. */
  async change(what: "start" | "stop" | "restart"): Promise<void> {
    await this.#program.change(ENGINE, what);
  }

  async engineFacts(): Promise<EngineFacts> {
    const { body } = await askOk(this.address, {
      method: "GET",
      target: `/api/engines/${ENGINE}`,
    });
    return JSON.parse(body);
  }

  async holdings(): Promise<Holdings> {
    return await readHoldings(this.pid, await this.engineFacts());
  }

  async memory(): Promise<MemoryFacts> {
    const { rss, pss } = await readMemory(this.pid);
    const heap = this.#inspectorPort === null ? null : await probeHeap(this.#inspectorPort);
    return { rssBytes: rss * MEBIBYTE, pssBytes: pss * MEBIBYTE, heap };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** A program for `--engine`; its name becomes the engine's. */
async function writeEngine(directory: string, command: readonly string[]): Promise<string> {
  const path = join(directory, ENGINE);
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${words.join(" ")}\n`, { mode: 0o700 });
  return path;
}
