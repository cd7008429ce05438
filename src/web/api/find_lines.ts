import { type FoundLines, loadLogs } from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";
import { badPattern, type LogQuery } from "./log_query.ts";

/** The lines that `query` asks for. Throws `bad_request` for a pattern that is too much work, `queue_full`. */
export async function findLines(deps: WebDeps, query: LogQuery): Promise<FoundLines> {
  const { PatternError, readLines } = await loadLogs();
  try {
    return await readLines(deps.logs, query);
  } catch (error) {
    if (error instanceof PatternError) throw badPattern(error.message);
    throw error;
  }
}
