import type { FailureKind } from "../balance/mod.ts";
import type { AiEngineError } from "../core/mod.ts";
import type { Generation } from "../lifecycle/mod.ts";
import type { InstancePool } from "../pool/mod.ts";
import type { CallPlace } from "./call_place.ts";
import type { EndOfRequest } from "./instance_types.ts";
import type { EngineLease, InputAnswer } from "./supervisor_types.ts";

/** Who grants leases. */
export interface LeaseSource {
  release(end: EndOfRequest): void;
  explainBreak(generation: Generation, broke: AiEngineError): Promise<AiEngineError>;
}

/** What answers requests: a process, or what is known of one elsewhere. */
export interface Served {
  readonly pool: InstancePool;
  readonly generation: Generation;
  readonly serial: number;
  readonly calls: CallPlace | null;
  readonly noInput: InputAnswer | undefined;
  turnInputOff(answer: InputAnswer): void;
  hasCrashed(): Promise<boolean>;
}

export interface InstanceLeaseOptions {
  readonly source: LeaseSource;
  readonly process: Served;
  /** When it began, where that is asked for. */
  readonly since: number | null;
}

/** The right to one request to one process. */
export class InstanceLease implements EngineLease {
  readonly #source: LeaseSource;
  readonly #process: Served;
  readonly #since: number | null;
  #isHeld = true;
  #failure: FailureKind | undefined;
  #keepAliveMs: number | undefined;

  constructor({ source, process, since }: InstanceLeaseOptions) {
    this.#source = source;
    this.#process = process;
    this.#since = since;
  }

  get pool(): InstancePool {
    return this.#process.pool;
  }

  get generation(): number {
    return this.#process.serial;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#source.release({
      generation: this.#process.generation,
      failure: this.#failure,
      since: this.#since,
      keepAliveMs: this.#keepAliveMs,
    });
  }

  failed(kind: FailureKind): void {
    this.#failure = kind;
  }

  keepAlive(ms: number): void {
    this.#keepAliveMs = ms;
  }

  explainBreak(broke: AiEngineError): Promise<AiEngineError> {
    return this.#source.explainBreak(this.#process.generation, broke);
  }

  hasCrashed(): Promise<boolean> {
    return this.#process.hasCrashed();
  }

  /** Where the process takes direct calls; `null` = nowhere, whatever it is. */
  get calls(): CallPlace | null {
    return this.#process.calls;
  }

  /** The answer by which the process said that it has no `POST /input`, if it did. */
  get noInput(): InputAnswer | undefined {
    return this.#process.noInput;
  }

  /** The process has no `POST /input`, by its `answer`; it is asked no more. */
  turnInputOff(answer: InputAnswer): void {
    this.#process.turnInputOff(answer);
  }
}
