/**
 * `ps` and `status`.
 *
 * @module
 */
import { type EngineView, sleep } from "../core/mod.ts";
import { type ClientContext, pickEngine, readEngines } from "./client_context.ts";
import { renderEngine } from "./engine_details.ts";
import { renderEngines } from "./engine_table.ts";
import { type Outcome, settle, tellProblems, valuesOf } from "./outcomes.ts";
import { document } from "./document.ts";

/** `status`: 3 when a named engine, or the only one, is not ready. */
const NOT_READY_EXIT = 3;

const WATCH_EVERY_MS = 1_000;

/** A line for each engine, or only the names. */
export async function ps(context: ClientContext): Promise<number> {
  const { flags } = context.invocation;
  if (flags.has("watch")) return await watch(context);
  await list(context, await readEngines(context));
  return 0;
}

/** The list again each second, in its own place on a terminal, until nobody reads any more. */
async function watch(context: ClientContext): Promise<number> {
  const { screen, signal } = context;
  while (screen.isOpen) {
    const views = await readEngines(context);
    await screen.clear();
    await list(context, views);
    await sleep(screen.clock, WATCH_EVERY_MS, signal);
    signal.throwIfAborted();
  }
  return 0;
}

async function list(
  { screen, invocation: { flags } }: ClientContext,
  views: readonly EngineView[],
): Promise<void> {
  if (screen.json) await screen.printJson(document({ engines: views }));
  else if (flags.has("quiet")) await screen.print(...views.map(({ name }) => name));
  else await screen.print(...renderEngines(views, screen));
}

/** Engines in full; of several, none of them named, the table of `ps`. */
export async function status(context: ClientContext): Promise<number> {
  const { screen, invocation: { args } } = context;
  const views = await readEngines(context);
  if (args.length === 0 && views.length > 1) return await ps(context);
  const outcomes: readonly Outcome<EngineView>[] = args.length === 0
    ? views.map((value) => ({ value }))
    : await settle(args, (name) => Promise.resolve(pickEngine(views, name)));
  const shown = valuesOf(outcomes);
  if (screen.json) await screen.printJson(document({ engines: shown }));
  else {
    const blocks = shown.map((view) => renderEngine(view, screen));
    await screen.print(...blocks.flatMap((lines, i) => i === 0 ? lines : ["", ...lines]));
  }
  const isReady = shown.every((view) => view.state === "ready");
  return Math.max(isReady ? 0 : NOT_READY_EXIT, await tellProblems(screen, outcomes));
}
