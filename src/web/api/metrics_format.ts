/** Which of the two formats of metrics a client would rather have (RFC 9110 section 12.5.1). */
import type { MetricsFormat } from "../../observe/mod.ts";

/** A range of an `Accept` that may mean one of them. */
interface Wish {
  readonly type: string;
  readonly version: string | null;
  readonly q: number;
}

/** OpenMetrics where that is wished for more than Prometheus' own format. */
export function metricsFormat(accept: string | null): MetricsFormat {
  const wishes = (accept ?? "*/*").split(",").map(toWish);
  const open = wishFor(wishes, ["application/openmetrics-text", "application/*", "*/*"], "1.0.0");
  const own = wishFor(wishes, ["text/plain", "text/*", "*/*"], "0.0.4");
  return open > own ? "openmetrics" : "prometheus";
}

/** How it goes by the most exact range that has it. */
function wishFor(wishes: readonly Wish[], types: readonly string[], version: string): number {
  for (const type of types) {
    const found = wishes.filter((wish) =>
      wish.type === type && (wish.version ?? version) === version
    );
    if (found.length > 0) return Math.max(...found.map(({ q }) => q));
  }
  return 0;
}

/** What else it says, as how names are written, does not tell them apart. */
function toWish(range: string): Wish {
  const [type = "", ...pairs] = range.toLowerCase().split(";").map((part) => part.trim());
  const parameters = new Map(pairs.map((pair) => {
    const [name = "", value = ""] = pair.split("=").map((part) => part.trim());
    return [name, value.replace(/^"(.*)"$/, "$1")];
  }));
  const q = Number(parameters.get("q") ?? "1");
  return { type, version: parameters.get("version") ?? null, q: q >= 0 && q <= 1 ? q : 0 };
}
