import type { Clock } from "../core/mod.ts";

/**
 * Requests that may be in their first milliseconds side by side. No more than a pool keeps idle, else
 * connections are dialed and closed again in every turn; twice as many halved the rate at 256 clients.
 */
const SLOTS = 32;
/** While somebody waits, slots are looked at this often. */
const SWEEP_MS = 2;
/** How many looks a request keeps its slot. */
const SWEEPS = 2;

/** A request's place. */
export interface Slot {
  /** How many looks there had been when it was taken. */
  readonly takenAt: number;
}

/**
 * Lets 32 requests run in their first 4 ms, first come first served, and takes the slot back from those
 * that last longer, should somebody wait for it. Beyond about 128 ready operations per turn the event loop starves some connections
 * for ever newer ones; this keeps fast requests below that and costs slow engines nothing.
 */
export class FairnessGate {
  readonly #clock: Clock;
  readonly #waiting = new Fifo<(slot: Slot) => void>();
  /** Oldest first. */
  readonly #held = new Set<Slot>();
  #sweeps = 0;
  #isSweeping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A slot, at once when one is free. Give it back with {@linkcode leave}. */
  enter(): Slot | Promise<Slot> {
    if (this.#isFree && this.#waiting.size === 0) return this.#take();
    this.#sweepSoon();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Idempotent. */
  leave(slot: Slot): void {
    if (this.#held.delete(slot)) this.#admit();
  }

  get #isFree(): boolean {
    return this.#held.size < SLOTS;
  }

  #take(): Slot {
    const slot = { takenAt: this.#sweeps };
    this.#held.add(slot);
    return slot;
  }

  #admit(): void {
    while (this.#isFree) {
      const enter = this.#waiting.shift();
      if (enter === undefined) return;
      enter(this.#take());
    }
  }

  #sweepSoon(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#clock.at(this.#clock.now() + SWEEP_MS, () => {
      this.#isSweeping = false;
      this.#sweep();
      if (this.#waiting.size > 0) this.#sweepSoon();
    });
  }

  #sweep(): void {
    this.#sweeps++;
    for (const slot of this.#held) {
      if (this.#sweeps - slot.takenAt < SWEEPS) break;
      this.#held.delete(slot);
    }
    this.#admit();
  }
}

/** First in, first out, without moving what is left. */
class Fifo<T> {
  #items: T[] = [];
  #start = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#start++;
    if (this.#start >= 256 && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }
}
