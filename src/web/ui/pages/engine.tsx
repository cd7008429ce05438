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

/** Below the card, where there is room for two columns. */
const LEFT: readonly Section[] = [TRY];
/** Beside the card and what is below it. */
const RIGHT: readonly Section[] = [CHARTS_SECTION, TIMELINE];
/** Below both, as wide as the page. */
const FULL: readonly Section[] = [REQUESTS, LOGS, CONFIG];
/** Top to bottom in one column, as they are read. */
const SECTIONS = [...LEFT, ...RIGHT, ...FULL];

export interface EnginePageModel extends Omit<SectionContext, "view"> {
  readonly card: CardModel;
}

/** A whole document. */
export async function renderEnginePage({ card, ...rest }: EnginePageModel): Promise<string> {
  const { frame } = rest;
  const { view } = card;
  const path = `/engines/${view.name}`;
  const contents = new Map(
    await Promise.all(
      SECTIONS.map(async (section) => [section, await section.render({ ...rest, view })] as const),
    ),
  );
  const show = (sections: readonly Section[]) =>
    sections.map((section) => (
      <SectionCard key={section.id} section={section} content={contents.get(section)} />
    ));
  return renderDocument(
    <Layout
      title={view.name}
      page="engines"
      path={path}
      frame={frame}
      version={frame.version}
      isWide
    >
      <div class="columns">
        <div>
          <EngineCard model={card} now={frame.now} page="engine" />
          <SectionLinks />
          {show(LEFT)}
        </div>
        <div>{show(RIGHT)}</div>
      </div>
      {show(FULL)}
    </Layout>,
  );
}

function SectionLinks() {
  return (
    <nav class="sections" aria-label="Sections">
      <ul>
        {SECTIONS.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface SectionCardProps {
  readonly section: Section;
  readonly content: Child;
}

function SectionCard({ section: { id, title }, content }: SectionCardProps) {
  return (
    <section class="card" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {content}
    </section>
  );
}
