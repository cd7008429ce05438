/** Other machines that llama-swap asks: engines elsewhere. */
import { expand, type Macros } from "./commands.ts";
import { listAt, type PlainMap, textAt } from "./plain.ts";
import type { WritableMap } from "./write_yaml.ts";

export interface ImportedPeer {
  /** `null` = nothing can be asked there. */
  readonly engine: WritableMap | null;
  /** What was not taken over as it was. */
  readonly notes: readonly string[];
}

/** An engine for the peer; `served` are names in lower case that engines of this machine serve. */
export function importPeer(
  peer: PlainMap,
  { macros, served }: { readonly macros: Macros; readonly served: ReadonlySet<string> },
): ImportedPeer {
  const url = expand(textAt(peer, "proxy") ?? "", macros);
  const named = listAt(peer, "models").flatMap((one) => typeof one === "string" ? [one] : []);
  const models = named.filter((one) => !served.has(one.toLowerCase()));
  if (!URL.canParse(url)) return { engine: null, notes: ["not taken over: its proxy is no URL"] };
  if (models.length === 0) {
    return { engine: null, notes: ["not taken over: it serves no model of its own"] };
  }
  const notes: string[] = [];
  const here = named.filter((one) => !models.includes(one));
  if (here.length > 0) notes.push(`without ${here.join(", ")}: served by an engine here`);
  const key = textAt(peer, "apiKey");
  const isVariable = key !== undefined && /^\$\{env\.[^}]+\}$/.test(key);
  if (key !== undefined && !isVariable) {
    notes.push(
      "apiKey not taken over: put it into a variable, and name that in headers as " +
        "`Authorization: Bearer ${env.NAME}`",
    );
  }
  const headers = isVariable ? { Authorization: `Bearer ${key}` } : undefined;
  return { engine: { url, headers, ready: "accept", models }, notes };
}
