/**
 * The page that answers a form of the panels where there is no script. It goes out in two parts, and
 * what is known only later between them.
 *
 * @module
 */
import type { Child } from "hono/jsx";
import type { Trouble } from "../../page_model.ts";
import { type Frame, Layout, renderDocument } from "../../layout.tsx";
import { TroubleBox } from "../../trouble_box.tsx";

export interface TryAnswerModel {
  readonly frame: Frame;
  readonly engine: string;
  readonly title: string;
  /** Who said what, up to the answer. */
  readonly said: readonly { readonly who: string; readonly text: string }[];
  /** Cuts the page in two; nothing on it may hold this text. */
  readonly mark: string;
}

/** How it went. */
export interface TryEnd {
  readonly trouble: Trouble | null;
  /** In words; may be empty. */
  readonly timings: string;
  /** To go on with. */
  readonly form: Child;
}

/** The page up to the answer. */
export function beginTryAnswer(model: TryAnswerModel): string {
  return render(model, null).split(model.mark)[0] ?? "";
}

/** From the answer on. */
export function endTryAnswer(model: TryAnswerModel, end: TryEnd): string {
  return render(model, end).split(model.mark)[1] ?? "";
}

function render({ title, frame, engine, said, mark }: TryAnswerModel, end: TryEnd | null): string {
  return renderDocument(
    <Layout
      title={title}
      page="engines"
      path={`/engines/${engine}`}
      frame={frame}
      version={frame.version}
    >
      <section class="card">
        <h1>{title}</h1>
        {said.map(({ who, text }, index) => (
          <div class="message" key={index}>
            <h2>{who}</h2>
            <pre class="said" role="group" tabindex={0} aria-label={who}>{text}</pre>
          </div>
        ))}
        <h2>Answer</h2>
        {mark}
        {end !== null && (
          <>
            <p class="hint">{end.timings}</p>
            <TroubleBox trouble={end.trouble} />
          </>
        )}
        <p>
          <a href={`/engines/${engine}#try`}>Back to {engine}</a>
        </p>
      </section>
      {end !== null && (
        <section class="card" aria-labelledby="again">
          <h2 id="again">Go on</h2>
          {end.form}
        </section>
      )}
    </Layout>,
  );
}
