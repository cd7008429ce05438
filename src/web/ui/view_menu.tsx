/** How the page is to look and act for this reader; the browser keeps it. */
import { NAVIGATION } from "./navigation.tsx";

const THEMES = [["auto", "As the system"], ["light", "Light"], ["dark", "Dark"]] as const;

export function ViewMenu() {
  return (
    <>
      <button type="button" class="small" data-pause aria-pressed="false" data-needs-script hidden>
        Pause<span class="unseen">updates</span>
      </button>
      <details class="menu" data-menu data-needs-script hidden>
        <summary class="button small">View</summary>
        <div class="panel">
          <fieldset>
            <legend>Colours</legend>
            {THEMES.map(([theme, label]) => (
              <label key={theme}>
                <input type="radio" name="theme" value={theme} checked={theme === "auto"} /> {label}
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>Keys</legend>
            <label>
              <input type="checkbox" name="shortcuts" checked /> Shortcuts
            </label>
            <dl class="keys">
              {NAVIGATION.map(({ name, key, label }) => (
                <Key key={name} keys={["g", key]} what={label} />
              ))}
              <Key keys={["/"]} what="First field" />
              <Key keys={["p"]} what="Pause or go on" />
              <Key keys={["?"]} what="This list" />
              <Key keys={["Esc"]} what="Cancel or close" />
            </dl>
          </fieldset>
        </div>
      </details>
    </>
  );
}

function Key({ keys, what }: { readonly keys: readonly string[]; readonly what: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => <kbd key={key}>{key}</kbd>)}
      </dt>
      <dd>{what}</dd>
    </div>
  );
}
