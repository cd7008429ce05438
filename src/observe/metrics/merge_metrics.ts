/**
 * The metrics of several engines as one: each family once, its samples told apart by the engine. What
 * can't be told so is left out, and that is told instead.
 *
 * @module
 */
import { type Labels, type MetricFamily, sampleNames, titleOf } from "./metric_family.ts";
import type { ToldFamily, ToldSample } from "./metric_family.ts";
import { MalformedMetrics, parseMetrics, TURN } from "./parse_metrics.ts";

/** What a process of an engine said to `GET /metrics`. */
export interface EngineAnswer {
  readonly engine: string;
  /** Of an engine with replicas, which of them. */
  readonly replica: number | null;
  readonly answer:
    | { readonly kind: "told"; readonly bytes: Uint8Array }
    | { readonly kind: "failed"; readonly why: FailedAnswer };
}

type FailedAnswer = "timeout" | "too_large" | "status" | "unreachable";

/** What became of an engine's metrics. */
const OUTCOMES = ["told", "timeout", "too_large", "status", "unreachable", "malformed"] as const;

type Outcome = typeof OUTCOMES[number];

interface Result {
  readonly labels: Labels;
  readonly outcome: Outcome;
  /** Families that another one, of another type, stands in the way of. */
  readonly clashes: number;
}

/** What families begin with that are about engines, and that no engine tells of itself. */
const OURS_ALONE = "ai_engine_";

interface GrowingFamily extends ToldFamily {
  help: string | null;
  readonly samples: ToldSample[];
}

export class MergedMetrics {
  readonly #families = new Map<string, GrowingFamily>();
  /** By the names of samples: whose they are. */
  readonly #owners = new Map<string, string>();
  readonly #results: Result[] = [];

  /**
   * The names of `ours` are nobody else's, but those that every program has (`process_…`): theirs join
   * ours, which have no engine.
   */
  constructor(ours: readonly MetricFamily[]) {
    for (const { name, type, help } of [...ours, ...this.outcome()]) {
      const title = titleOf({ name, type });
      const family = { name: title, type, help, samples: [] };
      if (!name.startsWith(OURS_ALONE)) this.#families.set(title, family);
      for (const one of sampleNames(family)) this.#owners.set(one, title);
    }
  }

  /** Adds what one engine said; pauses when others should get their turn. */
  *adding({ engine, replica, answer }: EngineAnswer): Generator<void, void> {
    const labels = { engine, ...(replica === null ? {} : { replica: String(replica) }) };
    if (answer.kind === "failed") {
      return void this.#results.push({ labels, outcome: answer.why, clashes: 0 });
    }
    try {
      const told: ToldFamily[] = [];
      for (const family of yield* parseMetrics(answer.bytes)) {
        told.push(yield* labelling(family, labels));
      }
      let clashes = 0;
      for (const family of told) if (!this.#take(family)) clashes++;
      this.#results.push({ labels, outcome: "told", clashes });
    } catch (error) {
      if (!(error instanceof MalformedMetrics)) throw error;
      this.#results.push({ labels, outcome: "malformed", clashes: 0 });
    }
  }

  /** What the engines have told, as far as it goes together. */
  families(): readonly ToldFamily[] {
    return [...this.#families.values()];
  }

  /** What became of it. */
  outcome(): readonly MetricFamily[] {
    return [
      {
        name: "ai_engine_own_metrics",
        help: "1 for what became of the metrics that an engine has of its own, 0 for what did not.",
        type: "gauge",
        samples: this.#results.flatMap(({ labels, outcome }) =>
          OUTCOMES.map((one) => ({
            labels: { ...labels, outcome: one },
            value: one === outcome ? 1 : 0,
          }))
        ),
      },
      {
        name: "ai_engine_own_metrics_clashes",
        help: "Families left out of an engine's own metrics: the name is taken, with another type.",
        type: "gauge",
        samples: this.#results.map(({ labels, clashes }) => ({ labels, value: clashes })),
      },
    ];
  }

  /** Whether it goes together with those that there are. */
  #take(family: ToldFamily): boolean {
    const { name, type, help, samples } = family;
    const before = this.#families.get(name);
    if (before !== undefined) {
      if (before.type !== type) return false;
      before.help ??= help;
      before.samples.push(...samples);
      return true;
    }
    const names = sampleNames(family);
    if (names.some((one) => this.#owners.has(one))) return false;
    for (const one of names) this.#owners.set(one, name);
    this.#families.set(name, { name, type, help, samples: [...samples] });
    return true;
  }
}

/** With the labels of an engine. Throws {@linkcode MalformedMetrics} for a sample that is there twice. */
function* labelling(family: ToldFamily, of: Labels): Generator<void, ToldFamily> {
  const seen = new Set<string>();
  const samples: ToldSample[] = [];
  for (const { name, labels, value } of family.samples) {
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) throw new MalformedMetrics(0, `${name} is there twice`);
    seen.add(key);
    if (samples.push({ name, labels: relabelled(labels, of), value }) % TURN === 0) yield;
  }
  return { ...family, samples };
}

/** `of` goes first; what it has taken the name of is called `exported_…`, as Prometheus does. */
function relabelled(labels: Labels, of: Labels): Labels {
  const all: Record<string, string> = { ...of };
  for (const [name, text] of Object.entries(labels)) {
    let free = name;
    while (Object.hasOwn(of, free) || (free !== name && Object.hasOwn(labels, free))) {
      free = `exported_${free}`;
    }
    all[free] = text;
  }
  return all;
}
