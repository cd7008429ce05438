/** Which level a line has: a line of this program has one, others may say one at their begin. */
import type { LogLevel } from "../../config/mod.ts";
import type { LogLine } from "./log_line.ts";

/** What is looked at: a time, a process and a logger may come before the level. */
const BEGIN_CHARS = 160;

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  notice: "info",
  warn: "warn",
  warning: "warn",
  err: "error",
  error: "error",
  crit: "error",
  critical: "error",
  fatal: "error",
  panic: "error",
};

const WORD =
  "(trace|debug|info|notice|warning|warn|error|err|critical|crit|fatal|panic)(?![\\w./-]|:\\w)";

/** First word of the line, but for what times and numbers of processes are made of. */
const FIRST = new RegExp(`^(?:[\\s\\d()[\\]:.,+/|<>-]|T(?=\\d)|Z(?=[\\s\\]]))*${WORD}`, "i");
/** `level=warn`, and the same in an object of JSON. */
const NAMED = new RegExp(
  `(?:^|[\\s,{])"?(?:log\\.)?(?:level|severity)"?\\s?[=:]\\s?"?${WORD}`,
  "i",
);

/** `null` = it says none. */
export function levelOf(line: LogLine): LogLevel | null {
  if (line.level !== undefined) return line.level;
  const begin = line.text.slice(0, BEGIN_CHARS);
  const word = (FIRST.exec(begin) ?? NAMED.exec(begin))?.[1];
  return word === undefined ? null : LEVELS[word.toLowerCase()] ?? null;
}
