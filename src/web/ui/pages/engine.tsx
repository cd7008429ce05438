/** The page `/engines/NAME`: the engine's card, and below it a section for everything about it. */
import type { Child } from "hono/jsx";
import type { EngineView } from "../../../core/mod.ts";
import type { WebDeps } from "../../deps.ts";
import type { RequestContext } from "../../routes.ts";
import { EngineCard } from "../engine_card.tsx";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import type { CardModel } from "../page_model.ts";
import { CONFIG } from "./engine/config.tsx";
import { LOGS } from "./engine/logs.tsx";
import { REQUESTS } from "./engine/requests.tsx";
import { TIMELINE } from "./engine/timeline.tsx";
import { CHARTS_SECTION } from "./engine/charts.tsx";
import { TRY } from "./engine/try.tsx";

/** What a section is made from. */
export interface SectionContext {
  readonly view: EngineView;
  readonly frame: Frame;
  readonly deps: WebDeps;
  /** The request for the page. */
  readonly request: RequestContext;
}

/** A part of the page, reached by `#ID`; it may name a module of its own (`data-module`). */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly render: (context: SectionContext) => Child | Promise<Child>;
}

/** Top to bottom. */
const SECTIONS: readonly Section[] = [TRY, CHARTS_SECTION, REQUESTS, TIMELINE, LOGS, CONFIG];

export interface EnginePageModel extends Omit<SectionContext, "view"> {
  readonly card: CardModel;
}

/** A whole document. */
export async function renderEnginePage({ card, ...rest }: EnginePageModel): Promise<string> {
  const { frame } = rest;
  const { view } = card;
  const path = `/engines/${view.name}`;
  const contents = await Promise.all(
    SECTIONS.map(async (section) => ({
      ...section,
      content: await section.render({ ...rest, view }),
    })),
  );
  return renderDocument(
    <Layout title={view.name} page="engines" path={path} frame={frame} version={frame.version}>
      <EngineCard model={card} now={frame.now} page="engine" />
      {SECTIONS.length > 0 && (
        <nav class="sections" aria-label="Sections">
          <ul>
            {SECTIONS.map(({ id, title }) => (
              <li key={id}>
                <a href={`#${id}`}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {contents.map(({ id, title, content }) => (
        <section key={id} class="card" id={id} aria-labelledby={`${id}-title`}>
          <h2 id={`${id}-title`}>{title}</h2>
          {content}
        </section>
      ))}
    </Layout>,
  );
}
