/** The page `/`: a card per engine. */
import { EngineCard } from "../engine_card.tsx";
import { Layout, renderDocument } from "../layout.tsx";
import { NoticeLine } from "../notice_line.tsx";
import type { EnginesPageModel } from "../page_model.ts";

/** A whole document. */
export function renderEnginesPage({ frame, notice, cards }: EnginesPageModel): string {
  const { now, version } = frame;
  return renderDocument(
    <Layout title="" page="engines" frame={frame} version={version} isWide={cards.length > 1}>
      <h1 class="unseen">Engines</h1>
      <NoticeLine notice={notice} />
      <div class="cards" data-count={cards.length}>
        {cards.map((card) => <EngineCard key={card.view.name} model={card} now={now} />)}
      </div>
    </Layout>,
  );
}
