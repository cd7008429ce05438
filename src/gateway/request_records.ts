import {
  type FillRandom,
  type RequestDesk,
  RequestRecord,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
} from "../core/mod.ts";
import { NameSet, type ReceivedRequest, TextMemo } from "../http1/mod.ts";
import { readTrace, TRACE_FIELDS } from "./trace_fields.ts";

const CHANCE_BYTES = TRACE_ID_BYTES + SPAN_ID_BYTES;
/** To ask the system for so many at once costs little more than to ask for one. */
const BLOCK_BYTES = 128 * CHANCE_BYTES;

/** As much of a target is kept; nearly all are shorter. */
const TARGET_BYTES = 256;
/** Targets are remembered one of each length, modulo this: most programs ask for few. */
const MEMOS = 16;

const NAMED = new NameSet(TRACE_FIELDS);

export interface RequestRecordsOptions {
  readonly desk: RequestDesk;
  readonly fillRandom: FillRandom;
}

/** Makes the records of requests that come in. */
export class RequestRecords {
  readonly #desk: RequestDesk;
  readonly #fillRandom: FillRandom;
  readonly #targets = Array.from({ length: MEMOS }, () => new TextMemo());
  #chance = new Uint8Array(0);
  #at = 0;

  constructor({ desk, fillRandom }: RequestRecordsOptions) {
    this.#desk = desk;
    this.#fillRandom = fillRandom;
  }

  /** Nobody is told of it before it begins. */
  of(request: ReceivedRequest): RequestRecord {
    if (this.#at >= this.#chance.length) this.#draw();
    const at = this.#at;
    this.#at += CHANCE_BYTES;
    const { method, fields } = request;
    const target = this.#targetOf(request);
    const record = new RequestRecord(this.#desk, { method, target, chance: this.#chance, at });
    for (let index = 0; index < fields.size; index++) {
      if (!NAMED.has(fields, index)) continue;
      readTrace(fields, record);
      break;
    }
    return record;
  }

  #draw(): void {
    // Never filled again: records read theirs later.
    this.#chance = new Uint8Array(BLOCK_BYTES);
    this.#fillRandom(this.#chance);
    this.#at = 0;
  }

  #targetOf({ targetBytes }: ReceivedRequest): string {
    const end = Math.min(targetBytes.length, TARGET_BYTES);
    return this.#targets[end % MEMOS]?.decode(targetBytes, 0, end) ?? "";
  }
}
