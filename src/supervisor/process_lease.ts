import type { AiEngineError } from "../core/mod.ts";
import type { Generation } from "../lifecycle/mod.ts";
import type { InstancePool } from "../pool/mod.ts";
import type { EngineProcess } from "./engine_process.ts";
import type { EngineLease } from "./supervisor_types.ts";

/** The engine that lends its process. */
export interface Lessor {
  /** A lease of process `generation` has ended. */
  release(generation: Generation): void;
  /** Why a request to process `generation` broke off. */
  explainBreak(generation: Generation, broke: AiEngineError): Promise<AiEngineError>;
}

/** A lease of one process, whatever becomes of it. */
export class ProcessLease implements EngineLease {
  readonly pool: InstancePool;
  readonly generation: Generation;
  readonly #lessor: Lessor;
  readonly #process: EngineProcess;
  #isHeld = true;

  constructor(lessor: Lessor, process: EngineProcess) {
    this.pool = process.pool;
    this.generation = process.generation;
    this.#lessor = lessor;
    this.#process = process;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#lessor.release(this.generation);
  }

  explainBreak(broke: AiEngineError): Promise<AiEngineError> {
    return this.#lessor.explainBreak(this.generation, broke);
  }

  hasCrashed(): Promise<boolean> {
    return this.#process.hasCrashed();
  }
}
