import { LifecycleError, sleep } from "../core/mod.ts";
import { type ClientContext, isGone } from "./client_context.ts";
import { ProblemError, problemOfAnswer } from "./problem.ts";

/** Well over what an app close may take (contract section 3). */
const GONE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** `shutdown`: asks the supervisor to close, and waits until it is gone. */
export async function shutdown(context: ClientContext): Promise<number> {
  const { client, screen, signal, invocation } = context;
  const target = `/api/shutdown${invocation.flags.has("force") ? "?force=true" : ""}`;
  const answer = await client.request({ method: "POST", target }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  await screen.during("shutting down", waitUntilGone(context));
  if (screen.json) await screen.printJson({ status: "closed" });
  else await screen.print("the supervisor is closed");
  return 0;
}

async function waitUntilGone(context: ClientContext): Promise<void> {
  const { client, screen: { clock }, signal } = context;
  const deadline = clock.now() + GONE_WITHIN_MS;
  while (clock.now() < deadline) {
    try {
      await client.request({ method: "GET", target: "/health" }, { signal, limitMs: 1_000 });
    } catch (error) {
      if (isGone(error)) return;
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
  }
  throw new LifecycleError("unclean_close", {
    detail: `The supervisor took the shutdown and still answers after ${GONE_WITHIN_MS / 1_000} s.`,
    remedy: "ai-engine shutdown --force",
  });
}
