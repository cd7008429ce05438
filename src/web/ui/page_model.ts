/**
 * What the page shows, as data: the same JSON and events that any client gets, put together for one
 * moment.
 *
 * @module
 */
import type { EngineView, ErrorView } from "../../core/mod.ts";
import type { NoticeEvent, PythonInputEvent } from "../../events/mod.ts";
import type { Frame } from "./layout.tsx";

/** What went wrong with an action, as an error box says it. */
export type Trouble = Pick<ErrorView, "title" | "detail" | "remedy" | "lastLines">;

export interface CardModel {
  readonly view: EngineView;
  /** The engine's own `/status`; `null` while none is known of this process. */
  readonly status: Readonly<Record<string, unknown>> | null;
  readonly answer: PythonInputEvent | null;
  readonly notice: NoticeEvent | null;
  /** What the action that led to this page met; comes before the engine's own error. */
  readonly trouble: Trouble | null;
  /** What stands in the input field: a text that could not be sent. */
  readonly draft: string;
}

export interface EnginesPageModel {
  readonly frame: Frame;
  readonly notice: NoticeEvent | null;
  /** Where GGUF files are offered from; `null` = there can't be such a folder. */
  readonly modelsDir: string | null;
  readonly cards: readonly CardModel[];
}
