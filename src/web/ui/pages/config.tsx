/** The page `/config`: what the program goes by, and where each of it comes from. */
import { type ConfigFault, ConfigFileError, type ConfigView } from "../../../config/mod.ts";
import type { ReloadReport } from "../../../config/mod.ts";
import { type AiEngineError, toAiEngineError } from "../../../core/mod.ts";
import type { WebDeps } from "../../deps.ts";
import { frameOf, pageResponse } from "../../page_response.ts";
import { problemHeaders, toProblem } from "../../problem.ts";
import type { RequestContext } from "../../routes.ts";
import { ConfigTable } from "../config_table.tsx";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import { TroubleBox } from "../trouble_box.tsx";

/** What came of a reload; `null` = nobody asked for one. */
type Outcome =
  | { readonly kind: "done"; readonly report: ReloadReport }
  | { readonly kind: "refused"; readonly error: AiEngineError }
  | null;

const SAMPLE = `engines:
  mine:
    command: [./my-server, --socket, "\${SOCKET}"]`;

export async function showPage(_c: RequestContext, deps: WebDeps): Promise<Response> {
  return pageResponse(renderConfigPage(frameOf(deps), await deps.config(), null));
}

/** The button: what comes of it stands on the page. */
export async function reload(_c: RequestContext, deps: WebDeps): Promise<Response> {
  try {
    const report = await deps.reload();
    const page = renderConfigPage(frameOf(deps), await deps.config(), { kind: "done", report });
    return pageResponse(page);
  } catch (thrown) {
    const error = toAiEngineError(thrown);
    const { status } = toProblem(error, "");
    const page = renderConfigPage(frameOf(deps), await deps.config(), { kind: "refused", error });
    return pageResponse(page, { status, headers: problemHeaders(error) });
  }
}

function renderConfigPage(frame: Frame, view: ConfigView, outcome: Outcome): string {
  const { path, settings, later } = view;
  return renderDocument(
    <Layout
      title="Configuration"
      page="config"
      path="/config"
      frame={frame}
      version={frame.version}
      isWide
    >
      <div class="page-head">
        <h1>Configuration</h1>
        {path !== null && (
          <form method="post" action="/config/reload">
            <button type="submit">Reload the file</button>
          </form>
        )}
      </div>
      <ReloadOutcome outcome={outcome} />
      {path === null ? <NoFile /> : (
        <p>
          From the file{" "}
          <code>{path}</code>, the environment and flags. Change it there, then reload.
        </p>
      )}
      <ConfigTable rows={settings} later={later} />
      <p class="none">Each setting is explained in docs/config.md of the project.</p>
    </Layout>,
  );
}

function ReloadOutcome({ outcome }: { readonly outcome: Outcome }) {
  if (outcome === null) return null;
  if (outcome.kind === "done") {
    return (
      <p class="notice" role="status">The file was read again: {reportText(outcome.report)}.</p>
    );
  }
  const { title, message: detail, remedy } = outcome.error;
  const faults = outcome.error instanceof ConfigFileError ? outcome.error.faults : [];
  const trouble = {
    title,
    detail: `${detail} Nothing has changed.`,
    remedy,
    lastLines: faults.map(faultText),
  };
  return <TroubleBox trouble={trouble} linesTitle="What is wrong in the file" />;
}

function faultText({ line, column, detail, fix }: ConfigFault): string {
  return `${line}:${column}: ${detail}${fix === undefined ? "" : ` ${fix}`}`;
}

/** "changed llm; added chat", or that nothing is different. */
function reportText({ added, removed, changed, replaced, settings, later }: ReloadReport): string {
  const parts = Object.entries({ added, removed, changed, replaced, settings, later })
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${WORDS[what] ?? what} ${names.join(", ")}`);
  return parts.length === 0 ? "nothing is different" : parts.join("; ");
}

const WORDS: Readonly<Record<string, string>> = {
  settings: "changed for the program:",
  later: "for the next start:",
};

function NoFile() {
  return (
    <>
      <p>
        There is no file: what is not said by flags and in the environment is by default. To begin
        one, put this in <code>~/.config/ai-engine/config.yaml</code>, then restart the program:
      </p>
      <pre class="said" tabindex={0}><code>{SAMPLE}</code></pre>
    </>
  );
}
