import { ChunkedBody } from "./chunked_body.ts";
import { NO_FIELDS } from "./field_list.ts";
import type { BodyFraming } from "./framing.ts";
import type { Intake } from "./intake.ts";
import type { Http1Limits } from "./limits.ts";
import { type DataEvent, type EndEvent, NEED_DATA, type NeedData } from "./outcomes.ts";
import { remoteFault } from "./rules.ts";

/** Finds the pieces and the end of one body; the same for both roles. */
export interface BodyDecoder {
  /** Takes what it can say next out of `intake`. Throws `ProtocolError`. */
  next(intake: Intake): DataEvent | EndEvent | NeedData;
  /** The connection ended while `next` needed data: the body is whole, or `TRUNCATED` is thrown. */
  atEof(): EndEvent;
}

/** The end of a body without trailers. */
export const PLAIN_END: EndEvent = { type: "end", trailers: NO_FIELDS };

/**
 * The decoder for a body framed as `framing`, of at most `maxBytes` of data.
 *
 * @throws {ProtocolError} `BODY_TOO_LARGE` when more is announced; where the length comes in pieces, by
 * `next`, before the first byte of the piece that is too much.
 */
export function bodyDecoder(
  framing: BodyFraming,
  limits: Http1Limits,
  maxBytes = Infinity,
): BodyDecoder {
  switch (framing.kind) {
    case "none":
      return new SizedBody(0);
    case "length":
      if (framing.bytes > maxBytes) throw remoteFault("BODY_TOO_LARGE");
      return new SizedBody(framing.bytes);
    case "chunked":
      return new ChunkedBody(limits, maxBytes);
    case "until_close":
      return new BodyUntilClose();
  }
}

/** A body of a known number of bytes. */
class SizedBody implements BodyDecoder {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  next(intake: Intake): DataEvent | EndEvent | NeedData {
    if (this.#left === 0) return PLAIN_END;
    if (intake.size === 0) return NEED_DATA;
    const bytes = intake.take(Math.min(this.#left, intake.size));
    this.#left -= bytes.length;
    return { type: "data", bytes };
  }

  atEof(): EndEvent {
    throw remoteFault("TRUNCATED");
  }
}

/** A body that the end of the connection ends. */
class BodyUntilClose implements BodyDecoder {
  next(intake: Intake): DataEvent | NeedData {
    return intake.size === 0 ? NEED_DATA : { type: "data", bytes: intake.take(intake.size) };
  }

  atEof(): EndEvent {
    return PLAIN_END;
  }
}
