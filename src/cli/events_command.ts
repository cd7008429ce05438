/**
 * `events`: what happened, and what happens.
 *
 * @module
 */
import { type ClientContext, pickEngine, readEngines } from "./client_context.ts";
import { document } from "./document.ts";
import { endOf, type Feed, openFeed } from "./event_feed.ts";
import { engineOf, eventLine } from "./event_line.ts";
import type { SourceEvent } from "./event_source.ts";
import { flagCount } from "./flag_values.ts";
import { isRecord } from "./problem.ts";

/** As many as the supervisor keeps. */
const MOST = 1_000;

export async function events(context: ClientContext): Promise<number> {
  const { invocation, screen } = context;
  const count = flagCount(invocation, "lines", { fallback: 50, most: MOST });
  const wants = await readWanted(context);
  const { events: looked, hello: { boot, lastId } } = await openFeed(context);
  await looked.return();
  const isEmpty = lastId.endsWith(".0");
  const isFollowing = invocation.flags.has("follow");
  const feed = isFollowing || !isEmpty ? await openFeed(context, { after: `${boot}.0` }) : null;
  try {
    const past = feed === null || isEmpty ? [] : (await readPast(feed, lastId)).filter(wants);
    const shown = past.slice(-count);
    if (!isFollowing && screen.json) {
      await screen.printJson(document({ events: shown.map(toJson) }));
      return 0;
    }
    for (const event of shown) await print(context, event);
    if (!isFollowing && shown.length === 0 && screen.isTerminal) {
      await screen.tell("nothing has happened yet; try: ai-engine events -f");
    }
    if (feed !== null && isFollowing) {
      await follow(context, { feed, wants, after: shown.at(-1)?.id ?? lastId });
    }
    return 0;
  } finally {
    await feed?.events.return();
  }
}

type Wants = (event: SourceEvent) => boolean;

/** Which engines are meant. Throws `unknown_engine`. */
async function readWanted(context: ClientContext): Promise<Wants> {
  const names = context.invocation.flags.get("engine") ?? [];
  if (names.length === 0) return () => true;
  const views = await readEngines(context);
  const wanted = new Set(names.map((name) => pickEngine(views, name).name));
  return (event) => wanted.has(engineOf(event) ?? "");
}

/** What is replayed, up to and with the event `lastId`. */
async function readPast({ events }: Feed, lastId: string): Promise<SourceEvent[]> {
  const past: SourceEvent[] = [];
  for (;;) {
    const { value } = await events.next();
    if (value === undefined || endOf(value) !== null) return past;
    if (value.type === "gap" || (value.id !== null && value.type !== "snapshot")) past.push(value);
    if (value.id === lastId) return past;
  }
}

interface Following {
  readonly feed: Feed;
  readonly wants: Wants;
  /** Id of the newest event that was seen. */
  readonly after: string;
}

/** Until nobody reads any more, or the supervisor closes. */
async function follow(context: ClientContext, { feed, wants, after }: Following): Promise<void> {
  let last = after;
  let current = feed;
  for (;;) {
    const { value } = await current.events.next();
    const end = value === undefined ? "shutdown" : endOf(value);
    if (value === undefined || end === "shutdown") {
      await context.screen.tell("the supervisor has closed");
      return;
    }
    if (end === "slow") {
      await current.events.return();
      current = await openFeed(context, { after: last });
      continue;
    }
    last = value.id ?? last;
    if (value.id !== null && value.type !== "snapshot" && wants(value)) {
      await print(context, value);
      if (!context.screen.isOpen) {
        await current.events.return();
        return;
      }
    }
  }
}

async function print({ screen }: ClientContext, event: SourceEvent): Promise<void> {
  if (screen.json) return await screen.printJson(toJson(event));
  const gap = event.type === "gap" ? "… events before these are no longer kept" : null;
  const line = gap ?? eventLine(event, screen);
  if (line !== null) await screen.print(line);
}

/** As the stream has it, with its type and id among the fields. */
function toJson({ id, type, data }: SourceEvent): Readonly<Record<string, unknown>> {
  return { id, type, ...(isRecord(data) ? data : {}) };
}
