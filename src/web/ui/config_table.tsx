/** Settings as they are in force, each with where it comes from. */
import type { ConfigView } from "../../config/mod.ts";

type SettingRow = ConfigView["settings"][number];

export interface ConfigTableProps {
  readonly rows: readonly SettingRow[];
  /** What is cut off in front of each name. @default nothing */
  readonly prefix?: string;
  /** Settings that the file has changed since. @default none */
  readonly later?: readonly string[];
}

/** What somebody has set comes first; what is at its default is folded away. */
export function ConfigTable({ rows, prefix = "", later = [] }: ConfigTableProps) {
  if (rows.length === 0) return null;
  const isSet = ({ setting, from }: SettingRow) =>
    from.kind !== "default" || later.includes(setting);
  const set = rows.filter(isSet);
  const rest = rows.filter((row) => !isSet(row));
  return (
    <>
      {set.length === 0
        ? <p class="none">Nothing is set.</p>
        : <Rows rows={set} prefix={prefix} later={later} label="Table of settings" />}
      {rest.length > 0 && (
        <details class="defaults">
          <summary>
            {rest.length === 1
              ? "1 setting at its default"
              : `${rest.length} settings at their defaults`}
          </summary>
          <Rows rows={rest} prefix={prefix} label="Table of settings at their defaults" />
        </details>
      )}
    </>
  );
}

function Rows(
  { rows, prefix = "", later = [], label }: ConfigTableProps & { readonly label: string },
) {
  return (
    <div class="table" role="region" aria-label={label} tabindex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ setting, value, from }) => (
            <tr key={setting} data-from={from.kind}>
              <th scope="row">{setting.slice(prefix.length)}</th>
              <td>
                <code>{valueText(value)}</code>
                {later.includes(setting) && " (the file has another value, for the next start)"}
              </td>
              <td data-label="From">{sourceText(from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A list reads as a command line does: `/bin/sh -c "exit 3"`. */
function valueText(value: unknown): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(itemText).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function itemText(item: unknown): string {
  return typeof item === "string" && /^[^\s"'\\]+$/.test(item) ? item : JSON.stringify(item);
}

function sourceText(from: SettingRow["from"]): string {
  switch (from.kind) {
    case "default":
      return "default";
    case "file":
      return `file, line ${from.line}`;
    case "environment":
      return from.variable;
    case "flag":
      return from.flag;
  }
}
