// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * One event stream for all pages of a browser, which has only six connections to a server: the page
 * that holds the lock has the stream and tells the others. When it goes, the browser gives the lock to
 * the next one, which goes on where each page was.
 *
 * @import { Link, StreamOwner, Wish } from "./stream.js"
 * @module
 */
import { Stream } from "./stream.js";

/** Pages that come together get one stream together. */
const RENEW_MS = 50;

/**
 * What pages say to each other. `isNew` = it has not heard how things stand.
 *
 * @typedef {{ kind: "wish", from: string, wish: Wish, isNew: boolean } | { kind: "leave", from: string } | { kind: "ask" } | { kind: "event", type: string, text: string, id: string } | { kind: "link", link: Link }} Message
 */

export class SharedStream {
  /** @type {StreamOwner} */
  #owner;
  #name;
  #stream;
  /** @type {BroadcastChannel | null} Open while the stream is wanted. */
  #channel = null;
  #id = crypto.randomUUID();
  /** Gives the lock back, or calls off the wish for it. */
  #giveUp = () => {};
  #isLeader = false;
  /** What the other pages want. @type {Map<string, { wish: Wish, isMet: boolean }>} */
  #others = new Map();
  /** What the stream was opened with. @type {Wish | null} */
  #opened = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #renewal;

  /** @param {string} name Pages of one name share. @param {StreamOwner} owner */
  constructor(name, owner) {
    this.#name = name;
    this.#owner = owner;
    this.#stream = new Stream({
      wish: () => this.#opened = this.#wishOfAll(),
      onEvent: (type, text, id) => {
        if (type === "hello") { for (const other of this.#others.values()) other.isMet = true; }
        this.#tell({ kind: "event", type, text, id });
      },
      onLink: (link) => this.#tell({ kind: "link", link }),
    });
  }

  static isPossible() {
    return "locks" in navigator && "BroadcastChannel" in globalThis;
  }

  /** Wants it, or wants something else of it. */
  open() {
    if (this.#isLeader) return this.#renew();
    if (this.#channel === null) this.#join();
    this.#say({ kind: "wish", from: this.#id, wish: this.#owner.wish(), isNew: true });
  }

  close() {
    this.#say({ kind: "leave", from: this.#id });
    this.#giveUp();
    this.#channel?.close();
    this.#channel = null;
    clearTimeout(this.#renewal);
    this.#renewal = undefined;
    this.#stream.close();
    this.#isLeader = false;
    this.#others.clear();
  }

  #join() {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    const done = new AbortController();
    const { signal } = done;
    this.#giveUp = () => done.abort();
    const lead = () => {
      if (signal.aborted) return;
      this.#isLeader = true;
      this.#say({ kind: "ask" });
      this.#stream.open();
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    // What it rejects with is that it was called off.
    navigator.locks.request(this.#name, { signal }, lead).then(() => {}, () => {});
  }

  /** @param {Message} message */
  #hear(message) {
    if (message.kind === "event") this.#owner.onEvent(message.type, message.text, message.id);
    else if (message.kind === "link") this.#owner.onLink(message.link);
    else if (this.#isLeader) this.#lead(message);
    else if (message.kind === "ask") {
      this.#say({ kind: "wish", from: this.#id, wish: this.#owner.wish(), isNew: false });
    }
  }

  /** @param {Message} message */
  #lead(message) {
    if (message.kind === "leave") this.#others.delete(message.from);
    if (message.kind !== "wish") return;
    const { from, wish, isNew } = message;
    const isMet = !isNew && this.#opened !== null && covers(this.#opened, wish);
    this.#others.set(from, { wish, isMet });
    if (!isMet) this.#renew();
  }

  #renew() {
    this.#renewal ??= setTimeout(() => {
      this.#renewal = undefined;
      this.#stream.open();
    }, RENEW_MS);
  }

  /** Topics of all, from where the page is that has seen the least. */
  #wishOfAll() {
    const own = this.#owner.wish();
    const others = [...this.#others.values()];
    const topics = [
      ...new Set([own, ...others.map(({ wish }) => wish)].flatMap((one) => one.topics)),
    ];
    let { after, afterLine } = own;
    for (const { wish, isMet } of others) {
      if (isMet) continue;
      if (isBefore(wish.after, after)) after = wish.after;
      if (wish.afterLine !== null) afterLine = Math.min(wish.afterLine, afterLine ?? Infinity);
    }
    return { topics, after, afterLine: topics.includes("log") ? afterLine : null };
  }

  /** To the others and to this page. @param {Extract<Message, { kind: "event" | "link" }>} message */
  #tell(message) {
    this.#say(message);
    this.#hear(message);
  }

  /** @param {Message} message */
  #say(message) {
    this.#channel?.postMessage(message);
  }
}

/** @param {Wish} opened @param {Wish} wish */
function covers(opened, wish) {
  return wish.topics.every((topic) => opened.topics.includes(topic)) &&
    !isBefore(wish.after, opened.after) &&
    (wish.afterLine ?? Infinity) >= (opened.afterLine ?? 0);
}

/** Whether an id `BOOT.SEQ` is of the same life of the server as another, and older. @param {string} one @param {string} other */
function isBefore(one, other) {
  const [boot, seq = ""] = one.split(".");
  const [otherBoot, otherSeq = ""] = other.split(".");
  return boot === otherBoot && Number(seq) < Number(otherSeq);
}
