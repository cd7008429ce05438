/** Load by wrk: as many requests as a side answers, on some connections. */
import type { Yard } from "../bench/yard.ts";
import { inRoot } from "../support/root.ts";
import type { Side } from "./sides.ts";

/** What wrk says of one round. */
export interface WrkFigures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  /** A POST has 1,000 bytes of JSON, the model last. */
  readonly method: "GET" | "POST";
  readonly connections: number;
  readonly seconds: number;
  /** Put before the command, e.g. to pin it to a core. @default none */
  readonly before?: readonly string[];
}

export interface WrkOptions {
  readonly yard: Yard;
  /** The program. */
  readonly wrk: string;
}

/** One round of load. Throws when an answer was refused or cut. */
export async function runWrk(
  side: Side,
  { method, connections, seconds, before = [], yard, wrk }: Load & WrkOptions,
): Promise<WrkFigures> {
  const script = inRoot("tasks", "bench_proxy", "wrk.lua");
  const url = `http://127.0.0.1:${side.port}${side.prefix}/v1/completions`;
  const flags = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script];
  await using process = yard.spawn([...before, wrk, ...flags, url, "--", method]);
  const [line] = await process.printed(/^figures: .*/);
  return parseFigures(line);
}

/** The line that wrk.lua prints. Throws when it tells of no answers, or of bad ones. */
export function parseFigures(line: string): WrkFigures {
  const found = JSON.parse(line.replace(/^figures: /, ""));
  const { requests, durationUs, p50Us, p99Us, refused, broken } = found;
  if (refused > 0) throw new Error(`${refused} of ${requests} answers with an error's status`);
  if (broken > 0) throw new Error(`${broken} connections broken or out of time`);
  if (!(requests > 0)) throw new Error("no answer at all");
  return {
    requestsPerSecond: requests / durationUs * 1e6,
    p50Ms: p50Us / 1_000,
    p99Ms: p99Us / 1_000,
  };
}
