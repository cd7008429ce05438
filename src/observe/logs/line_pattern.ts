/**
 * Regular expressions that somebody sends us, matched in time that grows with line times pattern and no
 * faster (after Thompson): the runtime's own could be made to hold the whole program up for ever.
 *
 * @module
 */
import {
  type CharTest,
  isWordChar,
  type Pattern,
  PatternError,
  PatternReader,
  type Place,
} from "./pattern_syntax.ts";

/** A pattern may have so many characters, and become so many nodes. */
const MAX_LENGTH = 500;
const MAX_NODES = 500;

/** Work after which others get their turn: a few milliseconds. */
export const TURN_STEPS = 10_000;

/** A place in a pattern, and what is to come next. */
type Node =
  | { readonly kind: "char"; readonly test: CharTest; readonly next: number }
  | { readonly kind: "place"; readonly place: Place; readonly next: number }
  | { readonly kind: "fork"; readonly next: readonly number[] }
  | { readonly kind: "match" };

export class LinePattern {
  readonly #nodes: Node[] = [{ kind: "match" }];
  readonly #start: number;
  /** At which of all characters that were looked at each node was reached last. */
  readonly #reached: Float64Array;
  #turn = 0;
  #steps = 0;
  #pausedAt = 0;

  /** Throws {@linkcode PatternError}. */
  constructor(source: string, { ignoresCase = false } = {}) {
    if (source.length > MAX_LENGTH) {
      throw new PatternError(`is longer than ${MAX_LENGTH} characters`);
    }
    this.#start = this.#add(new PatternReader(source, { ignoresCase }).read(), 0);
    this.#reached = new Float64Array(this.#nodes.length);
  }

  /** Work done so far: places looked at. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether it matches somewhere in `line`; pauses after each {@linkcode TURN_STEPS} of work. */
  *search(line: string): Generator<void, boolean> {
    let current: number[] = [];
    for (let at = 0; at <= line.length; at++) {
      this.#turn++;
      const reached: number[] = [];
      for (const node of current) if (this.#reach(node, line, at, reached)) return true;
      if (this.#reach(this.#start, line, at, reached)) return true;
      current = [];
      const code = line.charCodeAt(at);
      for (const index of reached) {
        const node = this.#nodes[index];
        if (node?.kind === "char" && at < line.length && node.test(code)) current.push(node.next);
      }
      this.#steps += reached.length;
      if (this.#steps - this.#pausedAt < TURN_STEPS) continue;
      yield;
      this.#pausedAt = this.#steps;
    }
    return false;
  }

  /** Collects what of `from` waits for a character at `at`; true when the pattern is at its end. */
  #reach(from: number, line: string, at: number, reached: number[]): boolean {
    const todo = [from];
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (this.#reached[index] === this.#turn) continue;
      this.#reached[index] = this.#turn;
      this.#steps++;
      const node = this.#nodes[index];
      if (node === undefined || node.kind === "match") return true;
      if (node.kind === "char") reached.push(index);
      else if (node.kind === "fork") todo.push(...node.next);
      else if (isAt(node.place, line, at)) todo.push(node.next);
    }
    return false;
  }

  /** Adds the nodes of `pattern` that lead on to `next`; gives the first. */
  #add(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case "char":
        return this.#put({ kind: "char", test: pattern.test, next });
      case "place":
        return this.#put({ kind: "place", place: pattern.place, next });
      case "sequence":
        return pattern.parts.reduceRight((to, part) => this.#add(part, to), next);
      case "choice": {
        const ways = pattern.parts.map((part) => this.#add(part, next));
        return this.#put({ kind: "fork", next: ways });
      }
      case "repeat":
        return this.#addRepeat(pattern, next);
    }
  }

  #addRepeat({ part, min, max }: Extract<Pattern, { kind: "repeat" }>, next: number): number {
    let to = next;
    if (max === Infinity) {
      const ways = [next];
      to = this.#put({ kind: "fork", next: ways });
      ways.push(this.#add(part, to));
    } else {
      for (let i = min; i < max; i++) {
        to = this.#put({ kind: "fork", next: [next, this.#add(part, to)] });
      }
    }
    for (let i = 0; i < min; i++) to = this.#add(part, to);
    return to;
  }

  #put(node: Node): number {
    if (this.#nodes.length >= MAX_NODES) throw new PatternError("repeats too much");
    return this.#nodes.push(node) - 1;
  }
}

function isAt(place: Place, line: string, at: number): boolean {
  if (place === "begin") return at === 0;
  if (place === "end") return at === line.length;
  const isEdge = (at > 0 && isWordChar(line.charCodeAt(at - 1))) !==
    (at < line.length && isWordChar(line.charCodeAt(at)));
  return isEdge === (place === "edge");
}
