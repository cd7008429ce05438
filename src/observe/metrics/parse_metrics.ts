/**
 * Reads what an engine tells of itself in Prometheus' text format, or in OpenMetrics as far as the two are
 * alike. Time stamps and exemplars are left out: all is told as it stands.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */
import type { Labels, ToldFamily, ToldSample, ToldType } from "./metric_family.ts";

/** Text that is none of this. */
export class MalformedMetrics extends Error {
  override readonly name = "MalformedMetrics";
  constructor(readonly line: number, what: string) {
    super(`line ${line}: ${what}`);
  }
}

/** The types that both formats have; what is of another one is told sample by sample. */
const TYPES: ReadonlySet<string> = new Set(["counter", "gauge", "histogram", "summary"]);

const COMMENT = /^#[ \t]*(HELP|TYPE)[ \t]+([a-zA-Z_:][\w:]*)[ \t]*(.*)$/;
const NAME = /[a-zA-Z_:][\w:]*/y;
const LABEL = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/y;
const LABELS_BEGIN = /[ \t]*\{/y;
const LABELS_END = /[ \t]*\}/y;
/** The value, and behind it a time stamp and an exemplar. */
const REST = /[ \t]*([^\s#]+)(?:[ \t]+-?[\d.]+)?[ \t]*(?:#.*)?$/y;
const SUFFIX = /_(?:bucket|sum|count|total)$/;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NO_NUMBER = /^([+-]?)(nan|inf(?:inity)?)$/i;

/** Lines, or samples, after which others get their turn: a few milliseconds. */
export const TURN = 500;

/** All families with samples, in their order; pauses now and then. Throws {@linkcode MalformedMetrics}. */
export function* parseMetrics(bytes: Uint8Array): Generator<void, readonly ToldFamily[]> {
  const reader = new MetricsReader();
  let read = 0;
  for (const line of decode(bytes).split("\n")) {
    reader.read(line);
    if (++read % TURN === 0) yield;
  }
  return reader.families();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedMetrics(0, "not UTF-8");
  }
}

interface GrowingFamily extends ToldFamily {
  readonly samples: ToldSample[];
}

class MetricsReader {
  /** By the names that they were said of. */
  readonly #types = new Map<string, ToldType>();
  readonly #helps = new Map<string, string>();
  readonly #families = new Map<string, GrowingFamily>();
  /** By the names of their samples. */
  readonly #owners = new Map<string, GrowingFamily>();
  #line = 0;

  read(line: string): void {
    this.#line++;
    if (line.startsWith("#")) this.#readComment(line);
    else if (line.trim() !== "") this.#readSample(line);
  }

  families(): readonly ToldFamily[] {
    return [...this.#families.values()];
  }

  /** What is no help and no type says nothing. */
  #readComment(line: string): void {
    const [, word, name = "", text = ""] = COMMENT.exec(line) ?? [];
    if (word === "HELP") this.#helps.set(name, unescape(text));
    if (word !== "TYPE") return;
    const type = TYPES.has(text.trim()) ? text.trim() as ToldType : "untyped";
    const owner = this.#owners.get(name);
    if (owner !== undefined && owner.type !== type) throw this.#fault(`a late type of ${name}`);
    this.#types.set(name, type);
  }

  #readSample(line: string): void {
    const name = matchAt(NAME, line, 0)?.[0];
    if (name === undefined) throw this.#fault("no name");
    const { labels, end } = this.#readLabels(line, name.length);
    const value = toValue(matchAt(REST, line, end)?.[1] ?? "");
    if (value === null) throw this.#fault(`${name} has no value`);
    const family = this.#ownerOf(name);
    const isBucket = family.type === "histogram" && name.endsWith("_bucket");
    const isQuantile = family.type === "summary" && name === family.name;
    const bound = isBucket ? labels["le"] : isQuantile ? labels["quantile"] : "0";
    if (bound === undefined || toValue(bound) === null) throw this.#fault(`${name} has no bound`);
    family.samples.push({ name, labels, value });
  }

  #readLabels(line: string, start: number): { labels: Labels; end: number } {
    const begin = matchAt(LABELS_BEGIN, line, start);
    if (begin === null) return { labels: {}, end: start };
    const labels: Record<string, string> = {};
    let at = start + begin[0].length;
    for (;;) {
      const end = matchAt(LABELS_END, line, at);
      if (end !== null) return { labels, end: at + end[0].length };
      const [whole, name = "", text = ""] = matchAt(LABEL, line, at) ?? [];
      if (whole === undefined) throw this.#fault("labels that can't be read");
      if (Object.hasOwn(labels, name)) throw this.#fault(`the label ${name} twice`);
      labels[name] = unescape(text);
      at += whole.length;
    }
  }

  #ownerOf(sample: string): GrowingFamily {
    let owner = this.#owners.get(sample);
    if (owner === undefined) {
      const { name, type, said } = this.#familyOf(sample);
      owner = this.#families.get(name) ??
        { name, type, help: this.#helps.get(said) ?? null, samples: [] };
      this.#families.set(name, owner);
      this.#owners.set(sample, owner);
    }
    return owner;
  }

  /** And the name that its type and help were `said` of. */
  #familyOf(sample: string): { name: string; type: ToldType; said: string } {
    const type = this.#types.get(sample);
    if (type === "histogram") throw this.#fault(`${sample} is no sample of a histogram`);
    if (type !== undefined) return { name: sample, type, said: sample };
    const base = sample.replace(SUFFIX, "");
    const baseType = this.#types.get(base);
    const suffix = sample.slice(base.length);
    // OpenMetrics names a counter without the `_total` of its samples.
    if (baseType === "counter" && suffix === "_total") {
      return { name: sample, type: "counter", said: base };
    }
    const isPart = suffix === "_sum" || suffix === "_count" ||
      suffix === "_bucket" && baseType === "histogram";
    if (isPart && (baseType === "histogram" || baseType === "summary")) {
      return { name: base, type: baseType, said: base };
    }
    return { name: sample, type: "untyped", said: sample };
  }

  #fault(what: string): MalformedMetrics {
    return new MalformedMetrics(this.#line, what);
  }
}

/** What `pattern`, a sticky one, matches at that place. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A number as both formats write it; `null` = none. */
function toValue(text: string): string | null {
  if (NUMBER.test(text)) return text;
  const [, sign = "", word] = NO_NUMBER.exec(text) ?? [];
  if (word === undefined) return null;
  return word.toLowerCase() === "nan" ? "NaN" : `${sign === "-" ? "-" : "+"}Inf`;
}

/** As it stands in a help or in a label. */
function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/g, (_, one: string) => one === "n" ? "\n" : one);
}
