/**
 * One client's event stream. It is pulled: the next piece is made when the last one has gone out,
 * so a client that does not read costs its mailbox on the bus and nothing more, and after 10 s its
 * place.
 *
 * @module
 */
import type { Clock, Timer } from "../../core/mod.ts";
import type { Delivery, EngineEvent, Subscription } from "../../events/mod.ts";
import { STALL_MS } from "../web_bounds.ts";
import { encodeComment, encodeEvent, type WireEvent } from "./encode.ts";
import { applyFilter, type EventFilter } from "./query.ts";

/** After so much silence a comment goes out. */
export const SILENCE_MS = 15_000;
/** So long a client that is let go may still read why. */
const LINGER_MS = 5_000;
/** Events in one piece, and bytes after which it ends; bounds what is encoded but not yet sent. */
const BATCH = 64;
const PIECE_BYTES = 32 * 1_024;

export interface EventStreamOptions {
  readonly clock: Clock;
  /** Its reader is this stream alone; it is closed with the stream. */
  readonly subscription: Subscription;
  readonly filter: EventFilter;
  /** What comes first. */
  readonly head: readonly Uint8Array[];
  /** The current state of all engines. */
  readonly snapshot: () => EngineEvent;
  /** Whether the client may have what comes next. */
  readonly isWelcome: () => boolean;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** The client is let go for not reading. */
  readonly onSlow: () => void;
  /** Ends its connection if it still does not read. */
  readonly cut: () => void;
  /** Called once, however the stream ends. */
  readonly onEnd: () => void;
}

export function openEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new StreamSource(options), { highWaterMark: 0 });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class StreamSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #options: EventStreamOptions;
  #hasSentHead = false;
  #stall: Timer | undefined;
  #hasEnded = false;
  #stopListening = (): void => {};

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  start(controller: Controller): void {
    const { signal } = this.#options;
    const onAbort = (): void => this.#end(controller);
    signal.addEventListener("abort", onAbort);
    this.#stopListening = () => signal.removeEventListener("abort", onAbort);
    this.#watch(controller);
    if (signal.aborted) onAbort();
  }

  async pull(controller: Controller): Promise<void> {
    this.#stall?.cancel();
    const piece = await this.#next();
    if (this.#hasEnded) return;
    if (piece === undefined) {
      this.#end(controller, "shutdown");
    } else if (!this.#options.isWelcome()) {
      this.#end(controller, "unauthorized");
    } else {
      controller.enqueue(piece);
      this.#watch(controller);
    }
  }

  cancel(): void {
    this.#release();
  }

  /** The next piece to send; `undefined` when there will be none. */
  async #next(): Promise<Uint8Array | undefined> {
    if (!this.#hasSentHead) {
      this.#hasSentHead = true;
      return concat(this.#options.head);
    }
    const silenceEnds = this.#options.clock.now() + SILENCE_MS;
    while (true) {
      const piece = this.#encodeNext();
      if (piece.byteLength > 0) return piece;
      if (this.#options.subscription.isClosed) return undefined;
      if (this.#options.clock.now() >= silenceEnds) return encodeComment();
      await this.#wait(silenceEnds);
    }
  }

  /** Until the mailbox holds something or is closed, or `deadline`. */
  #wait(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.at(deadline, resolve);
      this.#options.subscription.onNext(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** What has arrived, as far as a piece goes; empty when the filter leaves nothing of it. */
  #encodeNext(): Uint8Array {
    const { subscription } = this.#options;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (pieces.length < BATCH && bytes < PIECE_BYTES) {
      const delivery = subscription.takeOne();
      if (delivery === undefined) break;
      for (const piece of this.#encode(delivery)) {
        pieces.push(piece);
        bytes += piece.byteLength;
      }
    }
    return concat(pieces, bytes);
  }

  #encode(delivery: Delivery): Uint8Array[] {
    const { filter, snapshot } = this.#options;
    if ("type" in delivery) {
      const { type, ...data } = delivery;
      const gap = encodeEvent({ type, data });
      // Lines that are lost say nothing of how engines stand.
      const now = delivery.missed === 0 ? undefined : applyFilter(snapshot(), filter);
      return now === undefined ? [gap] : [gap, encodeEvent(toWire(now, null))];
    }
    const event = applyFilter(delivery.event, filter);
    return event === undefined ? [] : [encodeOnce(event, delivery.id)];
  }

  /** Lets the client go when the piece handed out last has not gone out in time. */
  #watch(controller: Controller): void {
    const { clock } = this.#options;
    this.#stall = clock.at(clock.now() + STALL_MS, () => {
      this.#options.onSlow();
      this.#end(controller, "slow");
      clock.at(clock.now() + LINGER_MS, this.#options.cut);
    });
  }

  #end(controller: Controller, reason?: "shutdown" | "slow" | "unauthorized"): void {
    if (this.#hasEnded) return;
    this.#release();
    if (reason !== undefined) controller.enqueue(encodeEvent({ type: "bye", data: { reason } }));
    controller.close();
  }

  #release(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stall?.cancel();
    this.#stopListening();
    this.#options.subscription.close();
    this.#options.onEnd();
  }
}

/** An event as it goes over the wire: its type is the event's name, the rest its data. */
export function toWire(event: EngineEvent, id: string | null): WireEvent {
  const { type, ...data } = event;
  return { type, data, id };
}

/** Of events that are not kept, what was encoded for one client is good for all. */
const ENCODED = new WeakMap<EngineEvent, Uint8Array>();

function encodeOnce(event: EngineEvent, id: string | null): Uint8Array {
  if (id !== null) return encodeEvent(toWire(event, id));
  const known = ENCODED.get(event);
  if (known !== undefined) return known;
  const bytes = encodeEvent(toWire(event, null));
  ENCODED.set(event, bytes);
  return bytes;
}

function concat(
  pieces: readonly Uint8Array[],
  bytes = pieces.reduce((size, piece) => size + piece.byteLength, 0),
): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
