import type { BoundView } from "../core/mod.ts";
import { MAX_BODY_BYTES } from "./body.ts";

/** Event streams and followed logs that may be open at once. */
export const MAX_STREAMS = 64;

/** So long a client may leave a piece of a stream unread. */
export const STALL_MS = 10_000;

/** Bytes of a direct call's argument: as much as a frame carries. */
export const MAX_ARGUMENT_BYTES = 4 * 1024 * 1024;

/** The bounds of this room, kept and counted. */
export class WebBounds {
  #streams = 0;
  #refusedStreams = 0;
  #stalls = 0;
  #refusedBodies = 0;
  #refusedArguments = 0;
  #profileUntil: number | null = null;
  #refusedProfiles = 0;

  /** Takes the place of one event stream; `false` when there is none. */
  takeStream(): boolean {
    const hasPlace = this.#streams < MAX_STREAMS;
    if (hasPlace) this.#streams++;
    else this.#refusedStreams++;
    return hasPlace;
  }

  giveStream(): void {
    this.#streams--;
  }

  /** Until when the profile that is being taken takes, in the clock's time; `null` = none is. */
  get profileUntil(): number | null {
    return this.#profileUntil;
  }

  /** Takes the place of the one profile; `false` when another one has it: two would see each other. */
  takeProfile(until: number): boolean {
    const hasPlace = this.#profileUntil === null;
    if (hasPlace) this.#profileUntil = until;
    else this.#refusedProfiles++;
    return hasPlace;
  }

  giveProfile(): void {
    this.#profileUntil = null;
  }

  /** A stream was let go for not being read. */
  countStall(): void {
    this.#stalls++;
  }

  readonly onTooLarge = (): void => {
    this.#refusedBodies++;
  };

  readonly onCallTooLarge = (): void => {
    this.#refusedArguments++;
  };

  views(): readonly BoundView[] {
    return [
      {
        name: "event_streams",
        engine: null,
        limit: MAX_STREAMS,
        used: this.#streams,
        refused: this.#refusedStreams,
      },
      {
        name: "event_stall_ms",
        engine: null,
        limit: STALL_MS,
        used: null,
        refused: this.#stalls,
      },
      {
        name: "input_bytes",
        engine: null,
        limit: MAX_BODY_BYTES,
        used: null,
        refused: this.#refusedBodies,
      },
      {
        name: "call_bytes",
        engine: null,
        limit: MAX_ARGUMENT_BYTES,
        used: null,
        refused: this.#refusedArguments,
      },
      {
        name: "profiles",
        engine: null,
        limit: 1,
        used: this.#profileUntil === null ? 0 : 1,
        refused: this.#refusedProfiles,
      },
    ];
  }
}
