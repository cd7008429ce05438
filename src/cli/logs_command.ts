/**
 * `logs`: what engines have printed, and what they print.
 *
 * @module
 */
import { UsageError } from "../core/mod.ts";
import { type ClientContext, pickEngine, readEngines } from "./client_context.ts";
import { document } from "./document.ts";
import { flagCount, flagValue, flagWord } from "./flag_values.ts";
import { followLogs } from "./follow_logs.ts";
import { LogPrinter } from "./log_line.ts";
import { LOG_LEVELS, LOG_STREAMS } from "./log_words.ts";
import { type LogQuery, readLines } from "./read_log_lines.ts";

const MOST_LINES = 10_000;

export async function logs(context: ClientContext): Promise<number> {
  const { screen, invocation } = context;
  const { args, flags } = invocation;
  const query = readQuery(context);
  const limit = flagCount(invocation, "lines", { fallback: 100, most: MOST_LINES });
  const views = await readEngines(context);
  const names = [...new Set(args)].map((name) => pickEngine(views, name).name);
  const isPlain = flags.has("no-prefix") || names.length === 1;
  const all = names.length > 0 ? names : views.map(({ name }) => name);
  const printer = new LogPrinter(screen, {
    names: isPlain ? null : [...all, "ai-engine"],
    hasTimes: flags.has("timestamps"),
  });
  const wanted = { ...query, engine: names.length > 0 ? names.join(",") : undefined };
  if (flags.has("follow")) {
    await followLogs(context, { query: wanted, names, limit, printer });
    return 0;
  }
  const lines = await readLines(context, { ...wanted, limit });
  if (screen.json) {
    await screen.printJson(document({ lines: lines.map((line) => line.document) }));
  } else await printer.print(lines);
  if (lines.length === 0 && screen.isTerminal && !screen.json) {
    await screen.tell("no lines; try: ai-engine logs -f, then ai-engine start");
  }
  return 0;
}

/** What the flags ask for. Throws `UsageError`. */
function readQuery({ invocation }: ClientContext): LogQuery {
  const until = flagValue(invocation, "until");
  if (until !== undefined && invocation.flags.has("follow")) {
    throw new UsageError({
      detail: "--follow goes on for ever, and --until ends it.",
      remedy: "Leave one of them out.",
    });
  }
  return {
    since: flagValue(invocation, "since"),
    until,
    stream: flagWord(invocation, "stream", LOG_STREAMS),
    level: flagWord(invocation, "level", LOG_LEVELS),
    grep: flagValue(invocation, "grep"),
    request: flagValue(invocation, "request"),
  };
}
