/** An error: what went wrong, why, what to do next, and the engine's last lines. */
import type { Trouble } from "./page_model.ts";

export interface TroubleBoxProps {
  readonly trouble: Trouble | null;
  /** Whose it is: more of its output is a link away. @default nobody's */
  readonly engine?: string;
  /** What the lines are. */
  readonly linesTitle?: string;
}

/** Empty and hidden while there is nothing to say, so that its filling is announced. */
export function TroubleBox(props: TroubleBoxProps) {
  const { trouble, engine, linesTitle = "Last lines of its output" } = props;
  const lines = trouble?.lastLines ?? [];
  return (
    <div class="trouble" role="alert" data-part="trouble" hidden={trouble === null}>
      <p class="trouble-title">
        <span class="mark" data-mark="triangle" aria-hidden="true"></span>
        <strong data-field="trouble-title">{trouble?.title}</strong>
      </p>
      <p data-field="trouble-detail">{trouble?.detail}</p>
      <p class="remedy" data-field="trouble-remedy">{trouble?.remedy}</p>
      <details data-part="trouble-lines" hidden={lines.length === 0} open>
        <summary>{linesTitle}</summary>
        <pre tabindex={0} data-field="trouble-lines">{lines.join("\n")}</pre>
      </details>
      {engine !== undefined && (
        <p>
          <a class="more" href={`/engines/${engine}#logs`}>
            Open its log<span class="unseen">{engine}</span>
          </a>
        </p>
      )}
    </div>
  );
}
