import type { FailureKind } from "../balance/mod.ts";
import type { AiEngineError } from "../core/mod.ts";
import type { InstancePool } from "../pool/mod.ts";
import type { CallPlace } from "./call_place.ts";
import type { EngineProcess } from "./engine_process.ts";
import type { Instance } from "./instance.ts";
import type { EngineLease, InputAnswer } from "./supervisor_types.ts";

/** The right to one request to one process. */
export class InstanceLease implements EngineLease {
  readonly #instance: Instance;
  readonly #process: EngineProcess;
  readonly #since: number | null;
  #isHeld = true;
  #failure: FailureKind | undefined;
  #keepAliveMs: number | undefined;

  /** `since`: when it began, where that is asked for. */
  constructor(instance: Instance, process: EngineProcess, since: number | null) {
    this.#instance = instance;
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
    this.#instance.release({
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
    return this.#instance.explainBreak(this.#process.generation, broke);
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
