/** What requests came to, as families. */
import { toDistribution } from "./count_families.ts";
import type { Distribution, Labels, MetricFamily, Sample } from "./metric_family.ts";
import type { RequestCount, RequestCounts } from "./request_counts.ts";
import { ROUTES, STATUS_CLASSES } from "./request_counts.ts";

export function requestFamilies({ engines }: RequestCounts): readonly MetricFamily[] {
  const of = <T>(tell: (count: RequestCount, labels: Labels) => readonly T[]): readonly T[] =>
    Array.from(engines).flatMap(([engine, count]) => tell(count, engine === "" ? {} : { engine }));
  return [
    {
      name: "ai_engine_request_seconds",
      help: "Requests that have ended: from the head to the end of the answer.",
      type: "histogram",
      samples: of(toTimes),
    },
    {
      name: "ai_engine_request_wait_seconds",
      help: "From a request's head until its engine had a free slot for it.",
      type: "histogram",
      samples: of(({ waits }, labels) => [toDistribution(waits, labels)]),
    },
    {
      name: "ai_engine_request_first_byte_seconds",
      help: "From a request's head to that of its answer.",
      type: "histogram",
      samples: of(({ firstBytes }, labels) => [toDistribution(firstBytes, labels)]),
    },
    {
      name: "ai_engine_request_body_bytes",
      help: "Bytes of the bodies of requests that have ended.",
      type: "counter",
      samples: of(({ bytesIn: value }, labels) => [{ labels, value }]),
    },
    {
      name: "ai_engine_response_body_bytes",
      help: "Bytes of the bodies of answers that have ended.",
      type: "counter",
      samples: of(({ bytesOut: value }, labels) => [{ labels, value }]),
    },
    {
      name: "ai_engine_request_tokens",
      help: "Tokens of requests and of their answers, where the answer's end says so (usage).",
      type: "counter",
      samples: of(toTokens),
    },
  ];
}

function toTimes(count: RequestCount, labels: Labels): readonly Distribution[] {
  return ROUTES.flatMap((route, r) =>
    STATUS_CLASSES.flatMap((status, s) => {
      const times = count.timesAt(r, s);
      return times === undefined ? [] : [toDistribution(times, { ...labels, route, status })];
    })
  );
}

function toTokens({ tokensIn, tokensOut }: RequestCount, labels: Labels): readonly Sample[] {
  return [
    { labels: { ...labels, kind: "prompt" }, value: tokensIn },
    { labels: { ...labels, kind: "completion" }, value: tokensOut },
  ];
}
