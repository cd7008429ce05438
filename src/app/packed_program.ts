import { isAbsolute, join } from "@std/path";
import { type EngineSettings, isPacked } from "../config/mod.ts";
import { SpawnError } from "../core/mod.ts";
import {
  host,
  readPackedEngine,
  type UnpackedEngine,
  unpacking,
  type UnpackStep,
} from "../platform/mod.ts";
import type { Voice } from "./voice.ts";

/** Between two words about how far it is. */
const PROGRESS_MS = 1_000;

export interface PackedProgramOptions {
  readonly voice: Voice;
  readonly env: Readonly<Record<string, string>>;
  readonly runtimeDir: string;
}

/** The engine in the executable, which is unpacked when it is first needed; see docs/decisions. */
export class PackedProgram {
  readonly #options: PackedProgramOptions;
  #opening: Promise<UnpackedEngine> | undefined;
  #saidAt = 0;

  constructor(options: PackedProgramOptions) {
    this.#options = options;
  }

  /** Begins to unpack it, where one of `engines` is it and it has not been unpacked before. */
  begin(engines: readonly EngineSettings[]): void {
    if (!engines.some(isPacked)) return;
    const sha256 = readPackedEngine()?.sha256 ?? "";
    const dirs = this.#places().map((place) => join(place, sha256));
    if (dirs.some((dir) => unpacking.isThere(dir))) return;
    this.#open().catch(() => {
      // Told to who starts the engine; then it is tried again.
    });
  }

  /**
   * With the program instead of what stands for it; where it can't run, with the built-in engine. Rejects
   * with `SpawnError` for an engine that is there for a model of its own.
   */
  readonly prepare = async (engine: EngineSettings): Promise<EngineSettings> => {
    if (!isPacked(engine)) return engine;
    try {
      const unpacked = await this.#open();
      await unpacked.ensureWhole();
      return { ...engine, command: [unpacked.program] };
    } catch (error) {
      const hasModel = "AI_ENGINE_MODEL_PATH" in engine.environment.set;
      if (!(error instanceof SpawnError) || hasModel) throw error;
      const detail = `${error.message} The built-in engine runs instead, which echoes.`;
      this.#options.voice.notice("Built-in engine", detail, error.remedy);
      return { ...engine, kind: "builtin", command: host.builtinArgv };
    }
  };

  /** One for all; a failure is not kept. */
  #open(): Promise<UnpackedEngine> {
    this.#opening ??= this.#unpack().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #unpack(): Promise<UnpackedEngine> {
    const packed = readPackedEngine();
    if (packed === null) throw new TypeError("No engine is packed into this program");
    return await unpacking.open({
      packed,
      places: this.#places(),
      onStep: (step) => this.#tell(step),
    });
  }

  /** Where what outlives the program is kept (XDG base directories), else where there may be room. */
  #places(): readonly string[] {
    const { env, runtimeDir } = this.#options;
    const { XDG_DATA_HOME: data = "", HOME: home = "" } = env;
    const shared = isAbsolute(data) ? data : join(home, ".local", "share");
    return [
      ...(isAbsolute(shared) ? [join(shared, "ai-engine", "engine")] : []),
      unpacking.sharedPlace,
      join(runtimeDir, "engine"),
    ];
  }

  #tell(step: UnpackStep): void {
    const { voice } = this.#options;
    switch (step.kind) {
      case "unpacking": {
        const now = voice.clock.now();
        if (step.bytes > 0 && now - this.#saidAt < PROGRESS_MS) return;
        this.#saidAt = now;
        const megabytes = (bytes: number) => Math.round(bytes / 1e6);
        const far = `${megabytes(step.bytes)} of ${megabytes(step.of)} MB`;
        return voice.say(`unpacking the engine to ${step.dir}: ${far}`);
      }
      case "unpacked":
        return voice.say(`unpacked the engine to ${step.dir} in ${step.tookMs} ms`);
      case "mended":
        return voice.notice(
          "Engine mended",
          `Of the unpacked engine in ${step.dir} these files were not as they had been written, and ` +
            `were written anew: ${step.files.join(", ")}.`,
        );
    }
  }
}
