/** A page for an error of ours that belongs to no card. */
import type { Problem } from "../problem.ts";
import { Layout, renderDocument } from "./layout.tsx";
import { TroubleBox } from "./trouble_box.tsx";

export function renderErrorPage(problem: Problem, version: string): string {
  const { title, detail, remedy, status, code, requestId, lastLines = [] } = problem;
  return renderDocument(
    <Layout title={title} version={version}>
      <section class="card">
        <h1>{title}</h1>
        <TroubleBox trouble={{ title: `Status ${status}`, detail, remedy, lastLines }} />
        <p class="none">Code {code}, request {requestId}.</p>
        <p>
          <a href="/">To the engines</a>
        </p>
      </section>
    </Layout>,
  );
}
