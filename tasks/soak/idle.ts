/** What a client's connection at rest costs the supervisor. */
import { readMemory } from "../bench/proc_files.ts";
import type { Yard } from "../bench/yard.ts";
import { readAnswer } from "./answer.ts";
import { MessageReader, writeAll } from "./message_reader.ts";
import type { Ask } from "./plan.ts";
import { requestBytes } from "./request_bytes.ts";
import { Subject } from "./subject.ts";

/** Resident growth of the supervisor for each connection. */
const LIMIT_KB = 12;

/** Clients that connect, or ask, at a time. */
const LANES = 64;
const BUFFER_BYTES = 64 * 1_024;

/** Resident memory is steady when so many looks in a row changed by less than this. */
const STEADY_LOOKS = 8;
const STEADY_MIB = 0.25;
const STEP_MS = 250;

/**
 * V8 gives back what a burst has left to be collected after half a minute of quiet; a client's
 * connection may rest for 75 s.
 */
const REST_LIMIT_MS = 45_000;

/** What each connection did before it rested. */
interface Use {
  readonly name: string;
  readonly ask: Ask | null;
}

const USES: readonly Use[] = [
  { name: "never used", ask: null },
  {
    name: "after one GET /api/engines",
    ask: {
      kind: "own",
      id: 0,
      page: { method: "GET", target: "/api/engines", status: 200, says: "soak" },
    },
  },
  {
    name: "after one POST of 1 kB through /upstream",
    ask: {
      kind: "engine",
      id: 1,
      method: "POST",
      body: { kind: "length", bytes: 1_000 },
      errand: { id: 1, bytes: 1_000, how: "length" },
      expects: false,
    },
  },
];

export interface IdleOptions {
  readonly connections: number;
  /** @default the program from source */
  readonly executable?: string;
}

export interface IdleRow {
  readonly line: string;
  readonly isWithinLimit: boolean;
}

/** One row for each use, each of a supervisor of its own that has done nothing before. */
export async function* idleRows(yard: Yard, options: IdleOptions): AsyncGenerator<IdleRow> {
  for (const use of USES) {
    await using subject = await Subject.start(yard, options);
    await subject.change("start");
    const before = await steadyMib(subject.pid);
    using lanes = new Lanes(subject);
    await lanes.open(options.connections, use.ask);
    const kbEach = (mib: number) => (mib - before) * 1_048.576 / options.connections;
    const began = performance.now();
    const atOnce = kbEach(await steadyMib(subject.pid));
    let atRest = atOnce;
    while (atRest > LIMIT_KB && performance.now() - began < REST_LIMIT_MS) {
      atRest = kbEach(await steadyMib(subject.pid));
    }
    const seconds = Math.round((performance.now() - began) / 1_000);
    const isWithinLimit = atRest <= LIMIT_KB;
    const line = `${options.connections} idle connections, ${use.name}: ` +
      `${atOnce.toFixed(1)} kB each at once, ${atRest.toFixed(1)} kB after ${seconds} s, ` +
      `limit ${LIMIT_KB} kB${isWithinLimit ? "" : ", MISSED"}`;
    yield { line, isWithinLimit };
  }
}

/** Connections to the supervisor, held open. */
class Lanes implements Disposable {
  readonly #address: Deno.ConnectOptions;
  readonly #open: Deno.Conn[] = [];

  constructor({ address }: Subject) {
    this.#address = address;
  }

  /** `ask` goes once over each. */
  async open(connections: number, ask: Ask | null): Promise<void> {
    await inLanes(connections / LANES, async (buffer, count) => {
      for (let at = 0; at < count; at++) {
        const conn = await Deno.connect(this.#address);
        this.#open.push(conn);
        if (ask !== null) await exchange(conn, ask, buffer);
      }
    });
  }

  [Symbol.dispose](): void {
    for (const conn of this.#open) conn.close();
  }
}

async function inLanes(
  count: number,
  work: (buffer: Uint8Array<ArrayBuffer>, count: number) => Promise<void>,
): Promise<void> {
  const lanes = Array.from({ length: LANES }, () => new Uint8Array(BUFFER_BYTES));
  await Promise.all(lanes.map((buffer) => work(buffer, Math.ceil(count))));
}

async function exchange(
  conn: Deno.Conn,
  ask: Ask,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { head, body } = requestBytes(ask, false);
  await writeAll(conn, head);
  await writeAll(conn, body);
  const answered = await readAnswer(new MessageReader(conn, { buffer }), ask);
  if (answered.kind !== "whole") throw new Error(`not answered: ${JSON.stringify(answered)}`);
}

/** Resident memory, once it does not move for a moment. */
async function steadyMib(pid: number): Promise<number> {
  let { rss } = await readMemory(pid);
  for (let looks = 0; looks < STEADY_LOOKS;) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    const now = (await readMemory(pid)).rss;
    looks = Math.abs(now - rss) < STEADY_MIB ? looks + 1 : 0;
    rss = now;
  }
  return rss;
}
