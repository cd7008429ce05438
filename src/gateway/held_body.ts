import type { EndEvent } from "../http1/mod.ts";

/** The pieces of a body that were read before it was known where it goes. */
export class HeldBody {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #end: EndEvent | undefined;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** The end of the body, if it was read, too. */
  get endEvent(): EndEvent | undefined {
    return this.#end;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  end(event: EndEvent): void {
    this.#end = event;
  }

  /** The bytes from `start` up to, but without, `end`: a view where one piece has them all. */
  slice(start: number, end: number): Uint8Array {
    const only = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    if (only !== undefined) return only.subarray(start, end);
    const parts = cut(this.#pieces, start, end);
    if (parts.length === 1 && parts[0] !== undefined) return parts[0];
    const all = new Uint8Array(end - start);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Puts `bytes` in place of those from `start` up to, but without, `end`; no other one is copied. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    const before = cut(this.#pieces, 0, start);
    this.#pieces = [...before, bytes, ...cut(this.#pieces, end, this.#size)];
    this.#size += bytes.length - (end - start);
  }
}

/** What lies from `start` up to, but without, `end` in the pieces put together. */
function cut(pieces: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(start - at, 0), Math.max(end - at, 0));
    if (part.length > 0) parts.push(part);
    at += piece.length;
  }
  return parts;
}
