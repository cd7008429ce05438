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

export function ConfigTable({ rows, prefix = "", later = [] }: ConfigTableProps) {
  if (rows.length === 0) return null;
  return (
    <div class="table" role="region" aria-label="Table of settings" tabindex={0}>
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

function valueText(value: unknown): string {
  if (value === null) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
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
