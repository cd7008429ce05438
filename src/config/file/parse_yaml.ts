/**
 * YAML 1.2 (and so JSON) to a tree with places. The only module that knows the package `yaml`.
 *
 * @module
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { quote } from "../quote.ts";
import type { ConfigNode, Entry, FaultList, MapNode, Place } from "./node.ts";

/** What aliases stand for counts as often as they do: no file grows to more than this. */
const MOST_NODES = 50_000;
const MOST_LEVELS = 50;

/** What to do about the errors people make most. */
const FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces; YAML takes no tabs.",
  BAD_INDENT: "Indent what belongs together equally, and close every bracket and quote.",
  BLOCK_AS_IMPLICIT_KEY: "Put quotes around a text that has a colon and a space in it.",
  MULTIPLE_DOCS: "Leave one document, without a line of ---.",
  MISSING_CHAR: "Close the quote or the bracket, or add the colon that is missing; between " +
    'brackets a text with { or , needs quotes: ["${SOCKET}"].',
  RESOURCE_EXHAUSTION: "Nest less deeply.",
};

/** Reads `text`. What is wrong goes to `faults`; the tree is `null` when there is none to speak of. */
export function parseYaml(text: string, faults: FaultList): MapNode | null {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Ours says where both stand, and does not take a time that grows with the square of their number.
    uniqueKeys: false,
  });
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const fix = FIXES[code] ?? "Correct it, or put quotes around it if it is meant as text.";
    faults.add(placeOf(pos[0]), { detail: `This is not YAML: ${message.split("\n")[0]}.`, fix });
  }
  if (faults.all.length > 0) return null;
  const { contents } = document;
  if (isMap(contents)) {
    const root = new Reader({ placeOf, faults }).read(contents, 0);
    return root?.kind === "map" ? root : null;
  }
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  faults.add(placeOf(contents?.range?.[0] ?? 0), {
    detail: isEmpty ? "There is no setting in this file." : "This is not a list of settings.",
    expected: "settings with their values",
    fix: "Write a setting and its value on each line, for example listen: 127.0.0.1:7411.",
  });
  return null;
}

interface ReaderOptions {
  readonly placeOf: (offset: number) => Place;
  readonly faults: FaultList;
}

/** Stops at the first thing that there is too much of. */
class Reader {
  readonly #options: ReaderOptions;
  /** What was named so far. The package's own way looks through the whole file for each alias. */
  readonly #anchors = new Map<string, Node>();
  #count = 0;
  #isOver = false;
  /** How many aliases what is read now stands in. */
  #aliases = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(node: Node | null, level: number, at: Place = this.#placeOf(node)): ConfigNode | null {
    if (this.#isOver || this.#isTooMuch(at, level)) return null;
    if (node === null) return { kind: "scalar", text: null, ...at };
    if (isAlias(node)) return this.#readAlias(node, level, at);
    const { anchor } = node as Node & { readonly anchor?: string };
    if (anchor !== undefined && this.#aliases === 0) this.#anchors.set(anchor, node);
    if (isMap(node)) return { kind: "map", entries: this.#readEntries(node, level), ...at };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as Node | null, level + 1));
      return { kind: "list", items: items.filter((item) => item !== null), ...at };
    }
    if (!isScalar(node)) return null;
    const text = node.value === null ? null : node.source ?? String(node.value);
    return { kind: "scalar", text, ...at };
  }

  #readAlias({ source }: Alias, level: number, at: Place): ConfigNode | null {
    const target = this.#anchors.get(source);
    if (target !== undefined) {
      this.#aliases++;
      // It counts as standing where the alias does; what is inside of it keeps its place.
      const read = this.read(target, level + 1, at);
      this.#aliases--;
      return read;
    }
    return this.#fault(at, {
      detail: "This alias (*) has no anchor (&) of its name before it.",
      fix: "Name an anchor that stands above it, or put quotes around a text that begins with *.",
    });
  }

  #readEntries(map: YAMLMap, level: number): readonly Entry[] {
    const entries = new Map<string, Entry>();
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const place = this.#placeOf(key);
      if (!isScalar(key) || key.value === null) {
        this.#fault(place, { detail: "This is no name.", fix: "Write a name before the colon." });
        continue;
      }
      const name = key.source ?? String(key.value);
      const node = this.read(value, level + 1, value === null ? place : undefined);
      if (node === null) continue;
      const other = entries.get(name);
      if (other === undefined) entries.set(name, { key: name, place, value: node });
      else {
        this.#fault(place, {
          detail: `${quote(name)} stands in line ${other.place.line} already.`,
          fix: "Take one of the two out, or give it another name.",
        });
      }
    }
    return [...entries.values()];
  }

  #isTooMuch(at: Place, level: number): boolean {
    this.#count++;
    if (this.#count > MOST_NODES) {
      this.#isOver = true;
      this.#fault(at, {
        detail: `This file comes to more than ${MOST_NODES} values, aliases counted.`,
        fix: "Use fewer aliases (*) of what holds aliases itself.",
      });
    } else if (level > MOST_LEVELS) {
      this.#isOver = true;
      this.#fault(at, {
        detail: `Here more than ${MOST_LEVELS} levels are nested.`,
        fix: "Nest less deeply; an alias can't be inside of what it stands for.",
      });
    }
    return this.#isOver;
  }

  #placeOf(node: Node | null): Place {
    return this.#options.placeOf(node?.range?.[0] ?? 0);
  }

  #fault(place: Place, fault: { readonly detail: string; readonly fix: string }): null {
    this.#options.faults.add(place, fault);
    return null;
  }
}
