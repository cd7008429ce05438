/**
 * `start`, `stop` and `restart`.
 *
 * @module
 */
import { type EngineView, formatDuration } from "../core/mod.ts";
import { act, type ClientContext, pickEngine, pickUnnamed, readEngines } from "./client_context.ts";
import { document } from "./document.ts";
import { upFor } from "./engine_table.ts";
import { settle, tellProblems, valuesOf } from "./outcomes.ts";
import { formatBytes } from "./text.ts";

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
  /** How long it usually takes, in milliseconds; `null` = nobody knows. */
  usualMs(view: EngineView): number | null;
}

export function start(context: ClientContext): Promise<number> {
  const call = context.invocation.flags.has("no-wait") ? "start?wait=false" : "start";
  return change(context, { doing: "starting", call, tell: tellStart, usualMs: usualStartMs });
}

export function restart(context: ClientContext): Promise<number> {
  const tell = ({ before, after }: Change, wall: number) =>
    before.state === "stopped" || before.state === "backoff" || before.state === "failed"
      ? tellStart({ before, after }, wall)
      : `restarted ${after.name}${readyIn(after)}`;
  return change(context, { doing: "restarting", call: "restart", tell, usualMs: usualStartMs });
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
  return change(context, { doing: "stopping", call, tell, usualMs: () => null });
}

/** Does `action` to the engines that are named, side by side, and says a line about each. */
async function change(context: ClientContext, action: Action): Promise<number> {
  const { screen, signal, invocation: { args } } = context;
  const views = await readEngines(context);
  const names = args.length === 0 ? [(await pickUnnamed(context, views)).name] : args;
  const changes = settle(names, async (name) => {
    const before = pickEngine(views, name);
    const target = `/api/engines/${before.name}/${action.call}`;
    const after = await act(context, { method: "POST", target, engine: before.name });
    return { before, after };
  });
  const progress = screen.beginProgress(`${action.doing} ${names.join(", ")}`);
  progress?.note(usually(views.filter(({ name }) => names.includes(name)).map(action.usualMs)));
  const outcomes = await screen.during(progress, changes);
  signal.throwIfAborted();
  const done = valuesOf(outcomes);
  if (!screen.json) {
    await screen.print(...done.map((each) => action.tell(each, screen.clock.wall())));
  } else if (done.length > 0) {
    await screen.printJson(document({ engines: done.map(({ after }) => after) }));
  }
  return await tellProblems(screen, outcomes);
}

function usualStartMs({ usualStartMs }: EngineView): number | null {
  return usualStartMs;
}

/** Side by side the longest counts; empty where one of them is not known. */
export function usually(times: readonly (number | null)[]): string {
  const known = times.filter((ms) => ms !== null);
  const isKnown = known.length > 0 && known.length === times.length;
  return isKnown ? `usually ${formatDuration(Math.max(...known))}` : "";
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
  if (before.rssBytes !== null) facts.push(`freed ${formatBytes(before.rssBytes)}`);
  if (after.how === "killed") facts.push("had to be killed");
  if (after.how === "lost") facts.push("its end is not confirmed");
  return `stopped ${after.name}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

function readyIn(view: EngineView): string {
  if (view.readyAt === null || view.startedAt === null) return "";
  const ms = Date.parse(view.readyAt) - Date.parse(view.startedAt);
  return ` (ready in ${formatDuration(Math.max(0, ms))}, pid ${view.pid})`;
}
