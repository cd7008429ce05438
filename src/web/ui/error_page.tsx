/** A page for an error of ours that belongs to no card. */
import type { Problem } from "../problem.ts";
import { Layout, renderDocument } from "./layout.tsx";
import { TroubleBox } from "./trouble_box.tsx";

export interface ErrorPageOptions {
  readonly version: string;
  /** Whether who sees it may see the other pages. */
  readonly isInside: boolean;
  /** Engines that were perhaps meant. */
  readonly engines: readonly string[];
}

/** A whole document. */
export function renderErrorPage(problem: Problem, options: ErrorPageOptions): string {
  const { title, detail, remedy, status, code, requestId, lastLines = [] } = problem;
  const { version, isInside, engines } = options;
  return renderDocument(
    <Layout title={title} version={version} isInside={isInside}>
      <section class="card">
        <h1>{title}</h1>
        <TroubleBox trouble={{ title: `Status ${status}`, detail, remedy, lastLines }} />
        {engines.length > 0 && (
          <>
            <h2>Engines that there are</h2>
            <ul class="links">
              {engines.map((name) => (
                <li key={name}>
                  <a href={`/engines/${name}`}>{name}</a>
                </li>
              ))}
            </ul>
          </>
        )}
        <p class="none">Code {code}, request {requestId}.</p>
        <p>
          <a href="/">To the engines</a>
        </p>
      </section>
    </Layout>,
  );
}
