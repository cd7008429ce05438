import { RequestError } from "../core/mod.ts";
import type { ClientContext } from "./client_context.ts";
import { document } from "./document.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";
import { oneLine } from "./text.ts";

/** `ui`: where the pages are; shows them where somebody sits in front of a terminal. */
export async function ui(
  { client, deps, screen, signal, invocation }: ClientContext,
): Promise<number> {
  const answer = await client.request({ method: "GET", target: "/health" }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  const urls = isRecord(answer.json) ? answer.json["urls"] : undefined;
  const [first] = Array.isArray(urls) ? urls : [];
  if (typeof first !== "string") {
    throw new RequestError("not_found", {
      detail: "The supervisor serves its pages at no address that a browser can open.",
      remedy: "Give it one: ai-engine serve --listen 127.0.0.1:7411",
    });
  }
  const url = oneLine(first).replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  if (screen.json) await screen.printJson(document({ url }));
  else await screen.print(url);
  const opens = screen.isTerminal && !screen.json && !invocation.flags.has("no-open");
  if (opens && !await deps.openUrl(url)) {
    await screen.tell("no browser could be opened here; open the address yourself");
  }
  return 0;
}
