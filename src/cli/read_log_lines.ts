import type { ClientContext } from "./client_context.ts";
import { notOurs } from "./control_client.ts";
import { withQuery } from "./flag_values.ts";
import { type LogLine, toLogLine } from "./log_line.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";

/** What lines are wanted, as the API takes it. */
export type LogQuery = Readonly<Record<string, string | number | undefined>>;

/** Lines that `query` asks for, oldest first. */
export async function readLines(
  { client, signal }: ClientContext,
  query: LogQuery,
): Promise<readonly LogLine[]> {
  const target = withQuery("/api/logs", query);
  const answer = await client.request({ method: "GET", target }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  const values = isRecord(answer.json) ? answer.json["lines"] : undefined;
  if (!Array.isArray(values)) throw notOurs("the control socket");
  return values.map((value) => {
    const line = toLogLine(value);
    if (line === undefined) throw notOurs("the control socket");
    return line;
  });
}
