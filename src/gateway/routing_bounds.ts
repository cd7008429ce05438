import { AdmissionError, type BoundView, ModelError } from "../core/mod.ts";

/** So many of the largest bodies may be held at once. */
const LARGEST_AT_ONCE = 8;

/**
 * What is held of bodies while their models are looked for, and until they are sent on: of each, and of
 * all together.
 */
export class RoutingBounds {
  /** Of one body. */
  readonly bodyBytes: number;
  readonly #allBytes: number;
  #heldBytes = 0;
  #tooLarge = 0;
  #tooMany = 0;

  constructor(bodyBytes: number) {
    this.bodyBytes = bodyBytes;
    this.#allBytes = LARGEST_AT_ONCE * bodyBytes;
  }

  views(): readonly BoundView[] {
    const each = { limit: this.bodyBytes, used: null, refused: this.#tooLarge };
    const all = { limit: this.#allBytes, used: this.#heldBytes, refused: this.#tooMany };
    return [
      { name: "routing_bytes", engine: null, ...each },
      { name: "held_bytes", engine: null, ...all },
    ];
  }

  /** Counts `bytes` that are to be held. Throws `queue_full`. */
  hold(bytes: number): void {
    if (this.#heldBytes + bytes > this.#allBytes) {
      this.#tooMany++;
      throw tooMany(this.#allBytes);
    }
    this.#heldBytes += bytes;
  }

  letGo(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** For a body whose first bytes name no model; counted. */
  tooLarge(): ModelError {
    this.#tooLarge++;
    return new ModelError("too_large", {
      detail: `The body's first ${this.bodyBytes} bytes name no model, ` +
        "and no more of it is held for that.",
      remedy: "Name the model first in the body, or in the header AI-Engine-Model; " +
        "or send the request to /upstream/NAME, where NAME is the engine.",
    });
  }
}

function tooMany(limit: number): AdmissionError {
  return new AdmissionError("queue_full", {
    detail: `${limit} bytes of bodies wait for their models or engines, which is the limit.`,
    remedy: "Try again later, or name the model in the header AI-Engine-Model, " +
      "so that the body need not be held.",
    retryAfterS: 1,
  });
}
