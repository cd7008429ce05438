/** The states of engines in the last hour as a band for each. The list below it says the same in words. */
import type { EngineState } from "../../core/mod.ts";
import type { StateEvent } from "../../events/mod.ts";
import type { ListedEvent } from "./event_list.tsx";
import { stateLook } from "./words.js";
import { describeEvent } from "./words_lists.js";
import { durationText } from "./words.js";

const HOUR_MS = 3_600_000;

/** Units of the picture: a second each. */
const WIDTH = 3_600;

interface Piece {
  readonly state: EngineState;
  readonly from: number;
  readonly to: number;
}

export interface StateBandsProps {
  /** The newest first. */
  readonly events: readonly ListedEvent[];
  readonly engines: readonly string[];
  /** Wall clock in milliseconds. */
  readonly now: number;
}

export function StateBands({ events, engines, now }: StateBandsProps) {
  const bands = engines.map((engine) => ({ engine, pieces: piecesOf(engine, events, now) }))
    .filter(({ pieces }) => pieces.length > 0);
  if (bands.length === 0) return null;
  return (
    <section class="bands" aria-labelledby="bands-title">
      <h2 id="bands-title">The last hour</h2>
      {bands.map(({ engine, pieces }) => (
        <div key={engine}>
          <span>{engine}</span>
          <svg
            viewBox={`0 0 ${WIDTH} 10`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`${engine}: ${summaryOf(pieces)}`}
          >
            {pieces.map(({ state, from, to }) => (
              <rect
                key={from}
                data-tone={stateLook(state).tone}
                x={(from / 1000).toFixed(0)}
                width={Math.max(6, (to - from) / 1000).toFixed(0)}
                y={state === "ready" ? 0 : 3}
                height={state === "ready" ? 10 : 4}
              />
            ))}
          </svg>
        </div>
      ))}
    </section>
  );
}

/** What an engine was in, but for stopped; in milliseconds from an hour ago. */
function piecesOf(engine: string, events: readonly ListedEvent[], now: number): Piece[] {
  const begin = now - HOUR_MS;
  const changes = events.filter((event): event is StateEvent =>
    event.type === "state" && event.engine === engine && (event.instance ?? 0) === 0
  ).toReversed();
  return changes.flatMap((event, i): Piece[] => {
    const from = Math.max(0, Date.parse(describeEvent(event).at) - begin);
    const next = changes[i + 1];
    const to = next === undefined ? HOUR_MS : Date.parse(describeEvent(next).at) - begin;
    return event.to === "stopped" || to <= from ? [] : [{ state: event.to, from, to }];
  });
}

/** "ready for 12 min, starting for 2 s". */
function summaryOf(pieces: readonly Piece[]): string {
  const sums = new Map<EngineState, number>();
  for (const { state, from, to } of pieces) sums.set(state, (sums.get(state) ?? 0) + to - from);
  return [...sums].map(([state, ms]) => `${state} for ${durationText(ms)}`).join(", ");
}
