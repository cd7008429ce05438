/** The page `/stop-all`: which engines would be stopped, and what that ends. */
import type { EngineView } from "../../../core/mod.ts";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import type { Trouble } from "../page_model.ts";
import { TroubleBox } from "../trouble_box.tsx";
import { describeEngine } from "../words.js";

export interface StopAllModel {
  readonly frame: Frame;
  /** Those that run. */
  readonly views: readonly EngineView[];
  /** What the last try met. */
  readonly troubles: readonly Trouble[];
}

/** A whole document. */
export function renderStopAllPage({ frame, views, troubles }: StopAllModel): string {
  const { version, now } = frame;
  return renderDocument(
    <Layout title="Stop all" page="engines" path="/stop-all" frame={frame} version={version}>
      <section class="card">
        <h1>Stop all engines?</h1>
        {troubles.map((trouble) => <TroubleBox key={trouble.detail} trouble={trouble} />)}
        {views.length === 0 ? <p>None is running.</p> : (
          <>
            <ul class="instances">
              {views.map((view) => <Running key={view.name} view={view} now={now} />)}
            </ul>
            <p>Requests in flight get 5 s to end; an engine starts again when it is asked.</p>
          </>
        )}
        <form class="actions" method="post" action="/stop-all">
          {views.length > 0 && <button type="submit" class="primary">Stop all</button>}
          <a class="button" href="/">Back to the engines</a>
        </form>
      </section>
    </Layout>,
  );
}

function Running({ view, now }: { readonly view: EngineView; readonly now: number }) {
  const { shape, tone, word, note } = describeEngine(view, now);
  return (
    <li data-tone={tone}>
      <span class="mark" data-mark={shape} aria-hidden="true"></span>
      <span>{view.name}</span> <span class="note">{`${word} ${note}`}</span>
    </li>
  );
}
