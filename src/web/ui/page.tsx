/** The page `/`: a card per engine. */
import { EngineCard } from "./engine_card.tsx";
import { Layout } from "./layout.tsx";
import { NoticeLine } from "./notice_line.tsx";
import type { PageModel } from "./page_model.ts";
import { SignOut } from "./sign_out.tsx";
import { timeText } from "./words.js";

export function Page({ model }: { readonly model: PageModel }) {
  const { asksForTokens, cards, lastId, notice, now, version } = model;
  const corner = (
    <>
      <Link now={now} />
      {asksForTokens && <SignOut />}
    </>
  );
  return (
    <Layout title="AI Engine" version={version} live={{ lastId, now }} corner={corner}>
      <h1 class="unseen">Engines</h1>
      <p class="unseen" role="status" data-field="announcement"></p>
      <NoticeLine notice={notice} />
      <div class="cards" data-count={cards.length}>
        {cards.map((card) => <EngineCard key={card.view.name} model={card} now={now} />)}
      </div>
    </Layout>
  );
}

/** Whether the page is live; without a script, how old it is and how to get a new one. */
function Link({ now }: { readonly now: number }) {
  return (
    <>
      <p class="pill" data-needs-script hidden>
        <span class="mark" data-link-mark data-mark="ring" aria-hidden="true"></span>
        <span data-field="link">Connecting</span>
        <span data-field="link-since" data-part="link-since" hidden></span>
      </p>
      <noscript>
        <a class="pill" href="/">
          Refresh ({timeText(new Date(now).toISOString(), "seconds")})
        </a>
      </noscript>
    </>
  );
}

/** A whole document. */
export function renderPage(model: PageModel): string {
  return `<!doctype html>${<Page model={model} />}`;
}
