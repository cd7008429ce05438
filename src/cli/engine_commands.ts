/**
 * `start`, `stop`, `restart` and `status`.
 *
 * @module
 */
import { type EngineView, formatDuration } from "../core/mod.ts";
import { act, type ClientContext, pickEngine, readEngines } from "./client_context.ts";
import { renderEngines, upFor } from "./engine_table.ts";
import { type Problem, tellProblem, toProblem } from "./problem.ts";

/** `status`: 3 when a named engine, or the only one, is not ready. */
const NOT_READY_EXIT = 3;

interface Change {
  readonly before: EngineView;
  readonly after: EngineView;
}

/** One of the commands that change engines. */
interface Action {
  /** Says what goes on, e.g. `starting`. */
  readonly doing: string;
  /** The last part of the path, with its query. */
  readonly call: string;
  /** Says what changed. */
  tell(change: Change, wall: number): string;
}

type Outcome<T> = { readonly value: T } | { readonly problem: Problem };

export function start(context: ClientContext): Promise<number> {
  const call = context.invocation.flags.has("no-wait") ? "start?wait=false" : "start";
  return change(context, { doing: "starting", call, tell: tellStart });
}

export function restart(context: ClientContext): Promise<number> {
  const tell = ({ before, after }: Change, wall: number) =>
    before.state === "stopped" || before.state === "backoff" || before.state === "failed"
      ? tellStart({ before, after }, wall)
      : `restarted ${after.name}${readyIn(after)}`;
  return change(context, { doing: "restarting", call: "restart", tell });
}

export function stop(context: ClientContext): Promise<number> {
  const { flags } = context.invocation;
  const wishes = ["force", "hold"].filter((flag) => flags.has(flag)).map((flag) => `${flag}=true`);
  const call = wishes.length === 0 ? "stop" : `stop?${wishes.join("&")}`;
  const tell = (change: Change, wall: number) => {
    const { name } = change.after;
    const held = flags.has("hold") ? `; it stays stopped until \`ai-engine start ${name}\`` : "";
    return tellStop(change, wall) + held;
  };
  return change(context, { doing: "stopping", call, tell });
}

export async function status(context: ClientContext): Promise<number> {
  const { screen, invocation: { args } } = context;
  const views = await readEngines(context);
  const outcomes = args.length === 0
    ? views.map((value) => ({ value }))
    : await settle(args, (name) => Promise.resolve(pickEngine(views, name)));
  const shown = valuesOf(outcomes);
  if (screen.json) await screen.printJson({ engines: shown });
  else if (shown.length > 0) await screen.print(...renderEngines(shown, screen));
  const isAsked = args.length > 0 || views.length === 1;
  const isReady = shown.every((view) => view.state === "ready");
  return Math.max(isAsked && !isReady ? NOT_READY_EXIT : 0, await tellProblems(context, outcomes));
}

/** Does `action` to the engines that are named, side by side, and says a line about each. */
async function change(context: ClientContext, action: Action): Promise<number> {
  const { screen, signal, invocation: { args } } = context;
  const views = await readEngines(context);
  const names = args.length === 0 ? [pickEngine(views, undefined).name] : args;
  const changes = settle(names, async (name) => {
    const before = pickEngine(views, name);
    const target = `/api/engines/${before.name}/${action.call}`;
    const after = await act(context, { method: "POST", target, engine: before.name });
    return { before, after };
  });
  const outcomes = await screen.during(`${action.doing} ${names.join(", ")}`, changes);
  signal.throwIfAborted();
  const done = valuesOf(outcomes);
  if (!screen.json) {
    await screen.print(...done.map((each) => action.tell(each, screen.clock.wall())));
  } else if (done.length > 0) {
    await screen.printJson({ engines: done.map(({ after }) => after) });
  }
  return await tellProblems(context, outcomes);
}

/** Each name once, in its order. */
function settle<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<Outcome<T>[]> {
  return Promise.all([...new Set(names)].map(async (name) => {
    try {
      return { value: await work(name) };
    } catch (error) {
      return { problem: toProblem(error) };
    }
  }));
}

function valuesOf<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => "value" in outcome ? [outcome.value] : []);
}

/** Returns the highest exit code. */
async function tellProblems(
  { screen }: ClientContext,
  outcomes: readonly Outcome<unknown>[],
): Promise<number> {
  let exit = 0;
  for (const outcome of outcomes) {
    if ("problem" in outcome) exit = Math.max(exit, await tellProblem(screen, outcome.problem));
  }
  return exit;
}

function tellStart({ before, after }: Change, wall: number): string {
  if (before.state === "ready") {
    const up = upFor(after, wall);
    return `${after.name} is already running (pid ${after.pid}${up ? `, up ${up}` : ""})`;
  }
  if (after.state !== "ready") return `${after.name} is ${after.state}`;
  return `started ${after.name}${readyIn(after)}`;
}

function tellStop({ before, after }: Change, wall: number): string {
  if (before.state === "stopped") return `${after.name} is already stopped`;
  const up = upFor(before, wall);
  const facts = up === undefined ? [] : [`was up ${up}`];
  if (after.how === "killed") facts.push("had to be killed");
  if (after.how === "lost") facts.push("its end is not confirmed");
  return `stopped ${after.name}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

function readyIn(view: EngineView): string {
  if (view.readyAt === null || view.startedAt === null) return "";
  const ms = Date.parse(view.readyAt) - Date.parse(view.startedAt);
  return ` (ready in ${formatDuration(Math.max(0, ms))}, pid ${view.pid})`;
}
