/** A page without a script that is sent while the engine works: what was asked, then what comes of it. */
import { toAiEngineError } from "../core/mod.ts";
import type { InputPhase } from "../supervisor/mod.ts";
import type { WebDeps } from "./deps.ts";
import { frameOf } from "./page_response.ts";
import { toProblem } from "./problem.ts";
import { type PageWriter, streamPage } from "./streamed_page.ts";
import type { Trouble } from "./ui/page_model.ts";
import {
  beginTryAnswer,
  endTryAnswer,
  type TryAnswerModel,
  type TryEnd,
} from "./ui/pages/engine/try_answer.tsx";
import { phaseText, timingsText } from "./ui/words_try.js";

/** What an engine's answer comes to. */
export interface Ending {
  /** What is wrong with it. */
  readonly trouble: Trouble | null;
  /** Tokens that were written, where that is known. @default null */
  readonly tokens?: number | null;
}

export interface TryPageOptions extends Pick<TryAnswerModel, "engine" | "title" | "said"> {
  /** Asks the engine. May reject. */
  readonly ask: (answer: AnswerWriter, signal: AbortSignal) => Promise<Ending>;
  /** A form to go on with; `isDone` = the answer is whole. */
  readonly form: (isDone: boolean, text: string) => TryEnd["form"];
}

/** Sends the page. Its status is 200, whatever comes of it: that has gone out by then. */
export function answerAsPage(
  deps: WebDeps,
  options: TryPageOptions,
  clientSignal: AbortSignal,
): Response {
  const { engine, title, said } = options;
  const frame = frameOf(deps);
  const model = { engine, title, said, frame, mark: deps.random.hex(16) };
  return streamPage(async (page, signal) => {
    page.html(beginTryAnswer(model));
    const answer = new AnswerWriter(page, deps, engine);
    const { trouble, tokens = null } = await settle(options, answer, signal);
    const timings = answer.end(tokens);
    const form = options.form(trouble === null, answer.said);
    page.html(endTryAnswer(model, { trouble, timings, form }));
  }, clientSignal);
}

async function settle(
  { ask }: TryPageOptions,
  answer: AnswerWriter,
  signal: AbortSignal,
): Promise<Ending> {
  try {
    return await ask(answer, signal);
  } catch (error) {
    const { title, detail, remedy, lastLines = [] } = toProblem(toAiEngineError(error), "");
    return { trouble: { title, detail, remedy, lastLines } };
  }
}

/** The part of the page that is written while the engine works. */
export class AnswerWriter {
  /** What was answered so far. */
  said = "";
  readonly #page: PageWriter;
  readonly #deps: WebDeps;
  readonly #engine: string;
  readonly #begun: number;
  #firstAt: number | null = null;

  constructor(page: PageWriter, deps: WebDeps, engine: string) {
    this.#page = page;
    this.#deps = deps;
    this.#engine = engine;
    this.#begun = deps.clock.now();
  }

  /** Where it is on its way; only before the first text. */
  phase(phase: InputPhase, position?: number): void {
    if (this.#firstAt !== null) return;
    const view = this.#deps.supervisor.view(this.#engine);
    this.#page.html('<p class="hint">');
    this.#page.text(phaseText({ phase, position }, view, null));
    this.#page.html("</p>");
  }

  text(text: string): void {
    if (text === "") return;
    if (this.#firstAt === null) {
      this.#firstAt = this.#deps.clock.now();
      this.#page.html('<pre class="said" role="group" tabindex="0" aria-label="Answer">');
    }
    this.said += text;
    this.#page.text(text);
  }

  /** Nothing more comes; how long it took, in words. */
  end(tokens: number | null): string {
    if (this.#firstAt === null) return "";
    this.#page.html("</pre>");
    const firstByteMs = this.#firstAt - this.#begun;
    return timingsText({ firstByteMs, totalMs: this.#deps.clock.now() - this.#begun, tokens });
  }
}
