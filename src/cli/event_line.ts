/**
 * Events as lines of text.
 *
 * @module
 */
import { formatDuration } from "../core/mod.ts";
import type { SourceEvent } from "./event_source.ts";
import { isRecord } from "./problem.ts";
import type { Screen } from "./screen.ts";
import { fit, formatTime, oneLine } from "./text.ts";

/** What is shown of an input or its answer. */
const SHOWN_CHARACTERS = 60;

type Data = Readonly<Record<string, unknown>>;

/** The engine that an event is about; `null` = none in particular. */
export function engineOf({ data }: SourceEvent): string | null {
  const engine = isRecord(data) ? data["engine"] : undefined;
  return typeof engine === "string" ? engine : null;
}

/** An event on one line: when, who, what; `null` for one that people have no use for. */
export function eventLine(event: SourceEvent, screen: Screen): string | null {
  const data = isRecord(event.data) ? event.data : {};
  const told = tell(event.type, data, screen);
  if (told === null) return null;
  const { at, words } = told;
  const who = oneLine(engineOf(event) ?? "ai-engine");
  const line = `${formatTime(at)}  ${who}  ${words}`;
  return line;
}

interface Told {
  readonly at: string;
  readonly words: string;
}

function tell(type: string, data: Data, screen: Screen): Told | null {
  if (type === "state") return tellState(data, screen);
  if (type === "notice") {
    const style = data["level"] === "warn" ? "yellow" : "bold";
    const title = screen.paint(style, text(data["title"]));
    const rest = `${text(data["detail"])} ${text(data["remedy"])}`.trim();
    return { at: text(data["at"]), words: `${title}: ${rest}` };
  }
  if (type === "python_input") {
    const took = typeof data["tookMs"] === "number" ? ` in ${formatDuration(data["tookMs"])}` : "";
    const [input, message] = [data["input"], data["message"]].map((value) =>
      JSON.stringify(fit(text(value), SHOWN_CHARACTERS))
    );
    return { at: text(data["at"]), words: `answered${took}: ${input} → ${message}` };
  }
  return null;
}

function tellState(data: Data, screen: Screen): Told {
  const view = isRecord(data["view"]) ? data["view"] : {};
  const to = text(data["to"]);
  const style = to === "failed" ? "red" : to === "ready" ? "green" : "bold";
  const instance = typeof data["instance"] === "number" ? ` (replica ${data["instance"]})` : "";
  const facts = [
    text(data["reason"]),
    ...(typeof data["exitCode"] === "number" ? [`exit code ${data["exitCode"]}`] : []),
    ...(text(data["signal"]) === "" ? [] : [text(data["signal"])]),
    ...(data["how"] === "killed" ? ["had to be killed"] : []),
    ...(typeof data["tookMs"] === "number"
      ? [`${text(data["from"])} for ${formatDuration(data["tookMs"])}`]
      : []),
  ];
  return {
    at: text(view["since"]),
    words: `${text(data["from"])} → ${screen.paint(style, to)}${instance} (${
      facts.filter((fact) => fact !== "").join(", ")
    })`,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : "";
}
