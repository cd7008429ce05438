/** Whether the page is live; without a script, how old it is and how to get a new one. */
import { timeText } from "./words.js";

export function LinkPill({ now, path }: { readonly now: number; readonly path: string }) {
  return (
    <>
      <p class="pill" data-needs-script hidden>
        <span class="mark" data-link-mark data-mark="ring" aria-hidden="true"></span>
        <span data-field="link">Connecting</span>
        <span data-field="link-since" data-part="link-since" hidden></span>
      </p>
      <noscript>
        <a class="pill" href={path}>
          Refresh ({timeText(new Date(now).toISOString(), "seconds")})
        </a>
      </noscript>
    </>
  );
}
