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

/** Before the measurement: what the first requests need is not the connections'. */
const WARM_UP_REQUESTS = 5_000;

/** Resident memory is at rest when so many looks in a row changed by less than this. */
const STEADY_LOOKS = 8;
const STEADY_MIB = 0.25;
const STEP_MS = 250;
const STEADY_LIMIT_MS = 30_000;

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

/** One row for each use, each of a supervisor of its own. */
export async function* idleRows(yard: Yard, options: IdleOptions): AsyncGenerator<IdleRow> {
  for (const use of USES) {
    const { beforeMib, afterMib } = await measure(yard, use, options);
    const kb = (afterMib - beforeMib) * 1_024 * 1_024 / 1_000 / options.connections;
    const isWithinLimit = kb <= LIMIT_KB;
    const line = `${options.connections} idle connections, ${use.name}: ${kb.toFixed(1)} kB each ` +
      `(resident ${beforeMib.toFixed(1)} → ${afterMib.toFixed(1)} MiB), ` +
      `limit ${LIMIT_KB} kB${isWithinLimit ? "" : ", MISSED"}`;
    yield { line, isWithinLimit };
  }
}

async function measure(yard: Yard, use: Use, options: IdleOptions) {
  await using subject = await Subject.start(yard, options);
  await subject.change("start");
  using lanes = new Lanes(subject);
  await lanes.warmUp(use.ask);
  const beforeMib = await steadyMib(subject.pid);
  await lanes.open(options.connections, use.ask);
  return { beforeMib, afterMib: await steadyMib(subject.pid) };
}

/** Connections to the supervisor, held open. */
class Lanes implements Disposable {
  readonly #address: Deno.ConnectOptions;
  readonly #open: Deno.Conn[] = [];

  constructor({ address }: Subject) {
    this.#address = address;
  }

  /** Many requests on few connections, which are closed then. */
  async warmUp(ask: Ask | null): Promise<void> {
    await inLanes(WARM_UP_REQUESTS / LANES, async (buffer, count) => {
      using conn = await Deno.connect(this.#address);
      if (ask === null) return;
      for (let at = 0; at < count; at++) await exchange(conn, ask, buffer);
    });
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

/** Resident memory, once it no longer moves. */
async function steadyMib(pid: number): Promise<number> {
  const endsAt = performance.now() + STEADY_LIMIT_MS;
  let { rss } = await readMemory(pid);
  for (let looks = 0; looks < STEADY_LOOKS && performance.now() < endsAt;) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    const now = (await readMemory(pid)).rss;
    looks = Math.abs(now - rss) < STEADY_MIB ? looks + 1 : 0;
    rss = now;
  }
  return rss;
}
