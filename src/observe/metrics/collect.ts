/** All of ours that is exposed, as it stands: what was counted, and what others say of themselves. */
import {
  type BoundView,
  ENGINE_STATES,
  type EngineView,
  type ProcessFigures,
} from "../../core/mod.ts";
import { countFamilies } from "./count_families.ts";
import type { EngineCounts } from "./engine_counts.ts";
import type { MetricFamily, Sample } from "./metric_family.ts";
import type { RequestCounts } from "./request_counts.ts";
import { requestFamilies } from "./request_families.ts";

export interface MetricSources {
  readonly counts: EngineCounts;
  readonly requests: RequestCounts;
  readonly engines: readonly EngineView[];
  /** How often an instance got no requests for a while. */
  readonly ejections: readonly { readonly engine: string; readonly count: number }[];
  readonly bounds: readonly BoundView[];
  readonly process: ProcessFigures;
  /** Of the program. */
  readonly version: string;
}

/** Families in a steady order; what is not known has no sample. */
export function collectMetrics(sources: MetricSources): readonly MetricFamily[] {
  const { version, ejections } = sources;
  return [
    {
      name: "ai_engine_build_info",
      help: "The program's version; always 1.",
      type: "gauge",
      samples: [{ labels: { version }, value: 1 }],
    },
    ...engineFamilies(sources.engines),
    ...countFamilies(sources.counts),
    {
      name: "ai_engine_ejections",
      help: "How often an instance got no requests for a while, because they had failed there.",
      type: "counter",
      samples: ejections.map(({ engine, count }) => ({ labels: { engine }, value: count })),
    },
    ...requestFamilies(sources.requests),
    ...boundFamilies(sources.bounds),
    ...processFamilies(sources.process),
  ];
}

function engineFamilies(engines: readonly EngineView[]): readonly MetricFamily[] {
  const of = (value: (view: EngineView) => number | null): readonly Sample[] =>
    engines.flatMap((view) => {
      const found = value(view);
      return found === null ? [] : [{ labels: { engine: view.name }, value: found }];
    });
  return [
    {
      name: "ai_engine_state",
      help: "1 for the state that an engine is in, 0 for the others.",
      type: "gauge",
      samples: engines.flatMap(({ name, state }) =>
        ENGINE_STATES.map((one) => ({
          labels: { engine: name, state: one },
          value: one === state ? 1 : 0,
        }))
      ),
    },
    {
      name: "ai_engine_requests_in_flight",
      help: "Requests that an engine is working on.",
      type: "gauge",
      samples: of(({ inflight }) => inflight),
    },
    {
      name: "ai_engine_requests_queued",
      help: "Callers held until an engine is ready or has a free slot.",
      type: "gauge",
      samples: of(({ queued }) => queued),
    },
    {
      name: "ai_engine_resident_memory_bytes",
      help: "Resident memory of an engine's process and its children.",
      type: "gauge",
      samples: of(({ rssBytes }) => rssBytes),
    },
    {
      name: "ai_engine_restarts",
      help: "Processes started after the first one.",
      type: "counter",
      samples: of(({ restarts }) => restarts),
    },
  ];
}

function boundFamilies(bounds: readonly BoundView[]): readonly MetricFamily[] {
  const labelsOf = ({ name, engine }: BoundView) => ({
    bound: name,
    ...(engine === null ? {} : { engine }),
  });
  return [
    {
      name: "ai_engine_bound",
      help: "What there may not be more of (GET /api/limits), in the unit of its name.",
      type: "gauge",
      samples: bounds.map((bound) => ({ labels: labelsOf(bound), value: bound.limit })),
    },
    {
      name: "ai_engine_bound_used",
      help: "How much of a bound is used.",
      type: "gauge",
      samples: bounds.flatMap((bound) =>
        bound.used === null ? [] : [{ labels: labelsOf(bound), value: bound.used }]
      ),
    },
    {
      name: "ai_engine_refused",
      help: "What was refused or let go because of a bound.",
      type: "counter",
      samples: bounds.map((bound) => ({ labels: labelsOf(bound), value: bound.refused })),
    },
  ];
}

function processFamilies(process: ProcessFigures): readonly MetricFamily[] {
  const one = (value: number | null): readonly Sample[] =>
    value === null ? [] : [{ labels: {}, value }];
  return [
    {
      name: "process_cpu_seconds",
      help: "Processor time of the supervisor, user and system.",
      type: "counter",
      samples: one(process.cpuSeconds),
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of the supervisor.",
      type: "gauge",
      samples: one(process.residentBytes),
    },
    {
      name: "process_open_fds",
      help: "Descriptors that the supervisor has open.",
      type: "gauge",
      samples: one(process.openFds),
    },
    {
      name: "process_max_fds",
      help: "Descriptors that the supervisor may have open.",
      type: "gauge",
      samples: one(process.maxFds),
    },
    {
      name: "process_start_time_seconds",
      help: "When the supervisor began, seconds since 1970.",
      type: "gauge",
      samples: one(process.startedAtSeconds),
    },
  ];
}
