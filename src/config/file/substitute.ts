/**
 * `${…}` in values: macros of the file and variables of the environment. What is known only when an
 * engine starts stays as it is.
 *
 * @module
 */
import { PLACEHOLDERS } from "../placeholders.ts";
import { quote } from "../quote.ts";
import type { ConfigNode, FaultList, MapNode, Place, ScalarNode } from "./node.ts";

export const SOCKET = "${SOCKET}";

/** Filled in when an engine starts. */
const OURS: readonly string[] = PLACEHOLDERS;

const MACRO_NAME = /^[A-Za-z0-9_-]+$/;
/** `$${` stands for `${` itself. */
const PLACEHOLDER = /\$\$\{|\$\{([^{}]*)\}/g;

/** Of one value, and of all of them: macros of macros grow fast. */
const MOST_CHARACTERS = 65_536;
const MOST_IN_ALL = 4_194_304;

export interface SubstituteOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly faults: FaultList;
}

/** Fills in the values of `root`, whose `macros` are gone in what is returned. */
export function substitute(root: MapNode, options: SubstituteOptions): MapNode {
  const macros = root.entries.find(({ key }) => key === "macros")?.value;
  const filler = new Filler(readMacros(macros, options.faults), options);
  filler.checkMacros();
  const rest = root.entries.filter(({ key }) => key !== "macros");
  const entries = rest.map((entry) => ({ ...entry, value: filler.fill(entry.value) }));
  return { ...root, entries };
}

type Macros = ReadonlyMap<string, ScalarNode>;

function readMacros(node: ConfigNode | undefined, faults: FaultList): Macros {
  const macros = new Map<string, ScalarNode>();
  if (node === undefined) return macros;
  if (node.kind !== "map") {
    faults.add(node, {
      setting: "macros",
      detail: "macros holds no names with their texts.",
      fix: "Write a name and its text on each line below it, for example models: /srv/models.",
    });
    return macros;
  }
  for (const { key, place, value } of node.entries) {
    const setting = `macros.${key}`;
    if (!MACRO_NAME.test(key) || OURS.includes(key)) {
      faults.add(place, {
        setting,
        detail: `${quote(key)} can't be a macro's name.`,
        expected: `letters, digits, - and _, and none of ${OURS.join(", ")}`,
        fix: "Give it another name.",
      });
    } else if (value.kind !== "scalar" || value.text === null) {
      faults.add(value, {
        setting,
        detail: `The macro ${key} is no text.`,
        expected: "a text or a number",
        fix: "Give it one value, in quotes if it has signs of YAML in it.",
      });
    } else macros.set(key, value);
  }
  return macros;
}

/** A value filled in, and what may be shown of it. */
interface Filled {
  readonly text: string;
  readonly shown: string;
}

const NOTHING: Filled = { text: "", shown: "" };

class Filler {
  readonly #macros: Macros;
  readonly #options: SubstituteOptions;
  readonly #done = new Map<string, Filled>();
  /** The macros that are being filled in, outermost first. */
  readonly #open: string[] = [];
  #characters = 0;

  constructor(macros: Macros, options: SubstituteOptions) {
    this.#macros = macros;
    this.#options = options;
  }

  /** Also those that nobody uses. */
  checkMacros(): void {
    for (const name of this.#macros.keys()) this.#macro(name, { line: 1, column: 1 });
  }

  fill(node: ConfigNode): ConfigNode {
    switch (node.kind) {
      case "list":
        return { ...node, items: node.items.map((item) => this.fill(item)) };
      case "map":
        return {
          ...node,
          entries: node.entries.map((entry) => ({ ...entry, value: this.fill(entry.value) })),
        };
      case "scalar": {
        if (node.text === null || !node.text.includes("${")) return node;
        const { text, shown } = this.#fillText(node.text, node);
        return { ...node, text, ...(text === shown ? {} : { shown }) };
      }
    }
  }

  #fillText(from: string, place: Place): Filled {
    let text = "";
    let shown = "";
    let end = 0;
    for (const match of from.matchAll(PLACEHOLDER)) {
      const before = from.slice(end, match.index);
      const value = match[1] === undefined ? asItIs("${") : this.#valueOf(match[1], place);
      text += before + value.text;
      shown += before + value.shown;
      end = match.index + match[0].length;
      if (text.length > MOST_CHARACTERS) break;
    }
    text += from.slice(end);
    shown += from.slice(end);
    this.#characters += text.length;
    if (text.length <= MOST_CHARACTERS && this.#characters <= MOST_IN_ALL) return { text, shown };
    this.#options.faults.add(place, {
      detail: "With its macros this value is too long, or all values together are.",
      expected: `at most ${MOST_CHARACTERS} characters`,
      fix: "Use fewer macros that hold macros.",
    });
    this.#characters = 0;
    return NOTHING;
  }

  #valueOf(name: string, place: Place): Filled {
    if (name.startsWith("env.")) return this.#variable(name.slice("env.".length), place);
    if (this.#macros.has(name)) return this.#macro(name, place);
    if (OURS.includes(name)) return asItIs(`\${${name}}`);
    this.#options.faults.add(place, {
      detail: `\${${name.slice(0, 80)}} is no macro of this file.`,
      expected: `\${SOCKET}, \${PORT}, \${MODEL}, \${TOKEN}, \${env.NAME} or a macro`,
      fix: "Write it below macros, or $${ for a ${ that stays.",
    });
    return NOTHING;
  }

  #variable(name: string, place: Place): Filled {
    const { env } = this.#options;
    const text = Object.hasOwn(env, name) ? env[name] : undefined;
    if (text !== undefined) return { text, shown: `\${env.${name}}` };
    this.#options.faults.add(place, {
      detail: `The environment has no ${name === "" ? "variable without a name" : name}.`,
      fix: `Set ${name} where ai-engine is started, or write the value itself.`,
    });
    return NOTHING;
  }

  #macro(name: string, place: Place): Filled {
    const done = this.#done.get(name);
    if (done !== undefined) return done;
    const macro = this.#macros.get(name);
    if (macro === undefined) return NOTHING;
    const first = this.#open.indexOf(name);
    if (first >= 0) {
      const circle = [...this.#open.slice(first), name].join(" → ");
      this.#options.faults.add(place, {
        setting: `macros.${name}`,
        detail: `These macros never end: ${circle}.`,
        fix: "Write the text of one of them out.",
      });
      return NOTHING;
    }
    this.#open.push(name);
    const filled = this.#fillText(macro.text ?? "", macro);
    this.#open.pop();
    this.#done.set(name, filled);
    return filled;
  }
}

function asItIs(text: string): Filled {
  return { text, shown: text };
}
