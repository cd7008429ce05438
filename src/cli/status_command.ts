/**
 * `ps` and `status`.
 *
 * @module
 */
import type { EngineView } from "../core/mod.ts";
import { type ClientContext, pickEngine, readEngines } from "./client_context.ts";
import { renderEngine } from "./engine_details.ts";
import { renderEngines } from "./engine_table.ts";
import { type Outcome, settle, tellProblems, valuesOf } from "./outcomes.ts";
import { document } from "./document.ts";

/** `status`: 3 when a named engine, or the only one, is not ready. */
const NOT_READY_EXIT = 3;

/** A line for each engine, or only the names. */
export async function ps(context: ClientContext): Promise<number> {
  const { screen, invocation: { flags } } = context;
  const views = await readEngines(context);
  if (screen.json) await screen.printJson(document({ engines: views }));
  else if (flags.has("quiet")) await screen.print(...views.map(({ name }) => name));
  else await screen.print(...renderEngines(views, screen));
  return 0;
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
