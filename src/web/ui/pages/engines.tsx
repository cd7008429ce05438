/** The page `/`: a card per engine. */
import { EngineCard } from "../engine_card.tsx";
import { Layout, renderDocument } from "../layout.tsx";
import { NoticeLine } from "../notice_line.tsx";
import type { CardModel, EnginesPageModel } from "../page_model.ts";
import { rankOf, summaryText } from "../words.js";

/** What is enough to have an engine. */
const SAMPLE = `engines:
  llm:
    command: llama-server -m /srv/models/qwen.gguf --host \${SOCKET}`;

/** A whole document. */
export function renderEnginesPage(model: EnginesPageModel): string {
  const { frame, notice, cards, modelsDir } = model;
  const isMany = cards.length > 1;
  const sorted = cards.toSorted((a, b) => rankOf(a.view) - rankOf(b.view));
  return renderDocument(
    <Layout title="" page="engines" frame={frame} version={frame.version} isWide={isMany}>
      <h1 class="unseen">Engines</h1>
      {isMany && <Summary cards={cards} />}
      <NoticeLine notice={notice} />
      <p class="notice" data-part="more-engines" hidden>
        There is an engine that was not there before. <a href="/">Load the page again</a> to see it.
      </p>
      {cards.length === 0 && <NoEngines modelsDir={modelsDir} />}
      <div class="cards" data-count={cards.length}>
        {sorted.map((card) => <EngineCard key={card.view.name} model={card} now={frame.now} />)}
      </div>
    </Layout>,
  );
}

/** What there is in all, and a way to stop it. */
function Summary({ cards }: { readonly cards: readonly CardModel[] }) {
  return (
    <div class="summary">
      <p data-field="summary">{summaryText(cards.map(({ view }) => view))}</p>
      <a class="button" href="/stop-all">Stop all …</a>
    </div>
  );
}

function NoEngines({ modelsDir }: { readonly modelsDir: string | null }) {
  return (
    <section class="card" aria-labelledby="no-engines">
      <h2 id="no-engines">No engine yet</h2>
      <p>Name one in the configuration file, which `ai-engine config path` tells:</p>
      <pre tabindex={0}>{SAMPLE}</pre>
      {modelsDir !== null && (
        <p>
          Or put a GGUF file into <code>{modelsDir}</code>.
        </p>
      )}
    </section>
  );
}
