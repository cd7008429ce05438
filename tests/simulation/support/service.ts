/** What a process of the simulation does with its connections. */
import type { SimProcess, SimWorld } from "./sim_process.ts";
import { type Far, SimStream } from "./sim_stream.ts";

interface Request {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

const REQUEST = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/;
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const LATIN1 = new TextDecoder("latin1");
const UTF8 = new TextEncoder();

/** Answers of the control paths, made once: there are millions of them. */
const OK = answer(200, "{}");
const BUSY = answer(200, `{"busy":true}`);
const MISSING = answer(404, "{}");
const BROKEN = answer(500, "{}");
const COLD = answer(503, "{}");
const NO_JSON = answer(200, "busy? no");
const GARBAGE = UTF8.encode("HTP/1.1 200 perhaps\r\n\r\n");

export class Service implements Far {
  /** Whether its socket is there. */
  isBound = false;
  isWarm = false;
  /** Connections that were made to it. */
  readonly streams = new Set<SimStream>();
  /** When the last 200 for its health went out to somebody who waited for it; `null` = never. */
  healthyAt: number | null = null;
  /** When it was asked to stop, and whether it said that it does not know how. */
  askedAt: number | undefined;
  isUnstoppable = false;
  /** When bytes of an answer to a proxied request last went out to somebody. */
  movedAt = -Infinity;
  readonly #process: SimProcess;
  readonly #world: SimWorld;

  constructor(process: SimProcess, world: SimWorld) {
    this.#process = process;
    this.#world = world;
  }

  /** Takes a connection, over which `onWrite` tells of bytes; `null` = refuses. */
  accept(onWrite: () => void): SimStream | null {
    if (!this.isBound || !this.#process.isAlive) return null;
    if (!this.isWarm && this.#process.temper.cold === "refuses") return null;
    const stream = new SimStream(this, onWrite);
    this.streams.add(stream);
    return stream;
  }

  /** All connections end, when what is under way has arrived. */
  end(how: "ended" | "broken" = "ended"): void {
    for (const stream of this.streams) {
      this.#world.after(this.#process.temper.wireMs, () => stream.end(how));
    }
    this.streams.clear();
  }

  received(stream: SimStream, bytes: Uint8Array): void {
    stream.unread += LATIN1.decode(bytes);
    for (let request = takeRequest(stream); request !== null; request = takeRequest(stream)) {
      const taken = request;
      this.#process.whenRunning(() => this.#handle(stream, taken));
    }
  }

  left(stream: SimStream): void {
    this.streams.delete(stream);
  }

  #handle(stream: SimStream, request: Request): void {
    if (!this.#process.isAlive) return;
    const { temper } = this.#process;
    switch (request.target) {
      case "/health":
        return this.#health(stream);
      case "/status": {
        if (temper.status === "hangs") return;
        const good = temper.busy ? BUSY : OK;
        const answers = { 200: good, 404: MISSING, 500: BROKEN, garbage: NO_JSON };
        return this.#send(stream, answers[temper.status]);
      }
      case "/stop":
        return this.#stop(stream);
      default:
        return this.#work(stream, request);
    }
  }

  #health(stream: SimStream): void {
    const { cold, health } = this.#process.temper;
    const now = this.isWarm ? health : cold;
    if (now === "hangs") return;
    if (now === 200) this.#isWell(stream);
    this.#send(stream, now === 200 ? OK : now === 500 ? BROKEN : COLD);
  }

  #stop(stream: SimStream): void {
    const { stop } = this.#process.temper;
    this.askedAt ??= this.#world.now();
    if (stop === "hangs") return;
    if (stop === "missing") this.isUnstoppable = true;
    this.#send(stream, stop === "missing" ? MISSING : OK);
    if (stop === "exits") this.#process.exitSoon(0);
  }

  #work(stream: SimStream, { method, target, body }: Request): void {
    const process = this.#process;
    const { work, workMs } = process.temper;
    const what = target === "/input" ? body : target;
    this.#world.gets(what);
    stream.isControl = target === "/input";
    const said = `{"message":"${what.replaceAll('"', "'")} by ${process.pid}"}`;
    const whole = answer(200, said, method === "HEAD");
    const later = (ms: number, act: () => void) =>
      this.#world.after(ms, () => process.whenRunning(() => process.isAlive && act()));
    switch (work) {
      case "hangs":
        return;
      case "answers":
      case "closes":
        return later(workMs, () => {
          this.#say(stream, whole);
          if (work === "closes") this.#close(stream);
        });
      case "missing":
        return later(workMs, () => this.#say(stream, MISSING));
      case "garbage":
        return later(workMs, () => this.#say(stream, GARBAGE));
      case "in_pieces": {
        const half = whole.length - 5;
        return later(workMs / 2, () => {
          this.#say(stream, whole.subarray(0, half));
          later(workMs / 2, () => this.#say(stream, whole.subarray(half)));
        });
      }
      case "breaks":
      case "dies":
        return later(workMs, () => {
          this.#say(stream, whole.subarray(0, whole.length - 5));
          if (work === "dies") process.exit(139, "SIGSEGV");
          else this.#close(stream);
        });
    }
  }

  /** When it last showed that it is well, or that an answer moves. */
  get livedAt(): number {
    return Math.max(this.healthyAt ?? -Infinity, this.movedAt);
  }

  /** What it says to nobody does not count, nor does what SIGTERM wakes it to say. */
  #isWell(stream: SimStream): void {
    if (this.#process.termed !== undefined || !this.streams.has(stream)) return;
    this.healthyAt = this.#world.now();
  }

  #say(stream: SimStream, bytes: Uint8Array): void {
    const isHeard = this.#process.termed === undefined && this.streams.has(stream) &&
      !stream.isControl;
    if (isHeard) this.movedAt = this.#world.now();
    this.#send(stream, bytes);
  }

  #send(stream: SimStream, bytes: Uint8Array): void {
    this.#world.after(this.#process.temper.wireMs, () => stream.arrive(bytes));
  }

  #close(stream: SimStream): void {
    this.streams.delete(stream);
    this.#world.after(this.#process.temper.wireMs, () => stream.end("ended"));
  }
}

/** The next whole request of what has come. */
function takeRequest(stream: SimStream): Request | null {
  const headEnd = stream.unread.indexOf("\r\n\r\n") + 4;
  if (headEnd < 4) return null;
  const head = stream.unread.slice(0, headEnd);
  const [, method = "", target = ""] = REQUEST.exec(head) ?? [];
  const end = headEnd + Number(LENGTH.exec(head)?.[1] ?? 0);
  if (stream.unread.length < end) return null;
  const body = stream.unread.slice(headEnd, end);
  stream.unread = stream.unread.slice(end);
  return { method, target, body };
}

function answer(status: number, body: string, isHeadOnly = false): Uint8Array {
  const head = `HTTP/1.1 ${status} So\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`;
  return UTF8.encode(isHeadOnly ? head : head + body);
}
