/** What all panels for trying an engine out have in common. */
import { TroubleBox } from "../../trouble_box.tsx";

/** The buttons of a panel; those that need a script are seen with one. */
export function Buttons({ send }: { readonly send: string }) {
  return (
    <p class="actions">
      <button type="submit" class="primary" data-send aria-disabled="false">{send}</button>
      <button type="button" data-cancel aria-disabled="true" hidden data-needs-panel>
        Cancel
      </button>
      <button type="button" data-curl hidden>Copy as curl</button>
      <span class="hint" hidden data-needs-panel>
        <kbd>Ctrl + Enter</kbd> sends.
      </span>
    </p>
  );
}

/**
 * What becomes of it, filled by the script. The line of the phase counts, so it is not spoken: its
 * words are, once each.
 */
export function Outcome({ answer }: { readonly answer: string | null }) {
  return (
    <>
      <p class="phase" data-field="phase"></p>
      {answer !== null && (
        <pre
          class="said"
          role="group"
          tabindex={0}
          aria-label={answer}
          data-field="answer"
          hidden
        ></pre>
      )}
      <p class="hint" data-field="timings"></p>
      <TroubleBox trouble={null} />
      <p data-part="command" hidden>
        <label>
          Command <textarea readonly rows={3} spellcheck={false} data-field="command"></textarea>
        </label>
      </p>
    </>
  );
}
