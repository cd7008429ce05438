import type { EngineSettings } from "../config/mod.ts";
import { type Clock, type ErrorView, type MemoryHold, toAiEngineError } from "../core/mod.ts";
import type { EventSink } from "../events/mod.ts";
import { toHoldText } from "./memory_text.ts";
import type { WallTime } from "./wall_time.ts";

export interface EngineNoticesOptions {
  readonly engine: string;
  readonly clock: Clock;
  readonly wallTime: WallTime;
  readonly events: EventSink;
}

/** What an engine, or an instance of it, tells people besides its states. */
export class EngineNotices {
  readonly #options: EngineNoticesOptions;
  #isHoldTold = false;

  constructor(options: EngineNoticesOptions) {
    this.#options = options;
  }

  /** Once: it is the same for every process, unless the machine changes. */
  memoryHold(hold: MemoryHold, settings: EngineSettings): void {
    if (this.#isHoldTold) return;
    this.#isHoldTold = true;
    this.tell("Memory limit", { detail: toHoldText(hold, settings) });
  }

  noRoomToPreload(): void {
    this.tell("Not preloaded", {
      detail: "There is no room for it beside the others.",
      remedy: "It starts when it is asked for.",
    });
  }

  notPreloaded(thrown: unknown): void {
    const { code, title, message, remedy } = toAiEngineError(thrown);
    // Somebody has it so.
    if (code === "stopped_by_user" || code === "shutting_down") return;
    this.tell("Not preloaded", { detail: `${title}: ${message}`, remedy });
  }

  /** A reload's new program did not come up; `why` is `null` where nothing is known of it. */
  keptOld(why: Pick<ErrorView, "detail" | "remedy"> | null): void {
    const detail = `The new ${this.#options.engine} could not be started, the one before goes on` +
      (why === null ? "." : `: ${why.detail}`);
    const remedy = why?.remedy ?? "Read the engine's last output lines.";
    this.tell("Reload without effect", { detail, remedy });
  }

  tell(title: string, said: { readonly detail: string; readonly remedy?: string }): void {
    const { clock, engine, events, wallTime } = this.#options;
    const at = wallTime.show(clock.now());
    events.publish({ type: "notice", level: "warn", engine, title, ...said, at });
  }
}
