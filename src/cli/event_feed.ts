/**
 * The event stream as commands read it.
 *
 * @module
 */
import type { ClientContext } from "./client_context.ts";
import { notOurs } from "./control_client.ts";
import { readEvents, type SourceEvent } from "./event_source.ts";
import { withQuery } from "./flag_values.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";

/** The supervisor says something at least every 15 s. */
const IDLE_MS = 45_000;

export interface FeedQuery {
  readonly topics?: string;
  readonly engine?: string;
  readonly after?: string;
}

/** What a stream begins with. */
export interface Hello {
  readonly boot: string;
  /** Id of the newest event that can be replayed. */
  readonly lastId: string;
}

export interface Feed {
  readonly hello: Hello;
  /** What comes behind the hello. */
  readonly events: AsyncGenerator<SourceEvent, void, undefined>;
}

/** Opens a stream. Whoever stops reading has to return its `events`. */
export async function openFeed(
  { client, signal }: ClientContext,
  query: FeedQuery = {},
): Promise<Feed> {
  const target = withQuery("/api/events", { ...query });
  const answer = await client.stream({ method: "GET", target }, { signal, idleMs: IDLE_MS });
  if (answer.kind === "whole") throw new ProblemError(problemOfAnswer(answer.answer));
  const events = readEvents(answer.body);
  for (;;) {
    const { value } = await events.next();
    if (value === undefined) throw notOurs("the control socket");
    if (value.type !== "hello") continue;
    const { boot, lastId } = isRecord(value.data) ? value.data : {};
    if (typeof boot !== "string" || typeof lastId !== "string") throw notOurs("the control socket");
    return { hello: { boot, lastId }, events };
  }
}

/** Why a stream was ended, by the event that ended it; `null` = it was not. */
export function endOf({ type, data }: SourceEvent): "shutdown" | "slow" | null {
  if (type !== "bye") return null;
  return isRecord(data) && data["reason"] === "slow" ? "slow" : "shutdown";
}
