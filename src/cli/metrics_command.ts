import type { ClientContext } from "./client_context.ts";
import { document } from "./document.ts";
import { ProblemError, problemOfAnswer } from "./problem.ts";

/** `metrics`: what a monitoring system would read. */
export async function metrics({ client, screen, signal }: ClientContext): Promise<number> {
  const request = { method: "GET", target: "/metrics", accept: "text/plain" } as const;
  const answer = await client.request(request, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  if (screen.json) await screen.printJson(document({ text: answer.text }));
  else await screen.print(answer.text.trimEnd());
  return 0;
}
