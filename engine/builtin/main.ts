/** The process of the built-in engine, from the first line of output to the exit code. */
import { createApp } from "./app.ts";
import { Ending } from "./ending.ts";
import { clearStaleSocket, Serving } from "./serving.ts";

/**
 * Serves on `AI_ENGINE_SOCKET` until a `POST /stop`, SIGTERM, SIGINT or the end of standard input,
 * then lets requests in flight end. Resolves to the exit code, with which the caller has to exit the
 * process: 0, 1 when the socket can't be had or requests were cut, 2 when the variable is missing.
 */
export async function runBuiltinEngine(): Promise<number> {
  const path = Deno.env.get("AI_ENGINE_SOCKET") ?? "";
  if (path === "") {
    console.error("AI_ENGINE_SOCKET is not set; it names the socket to listen on");
    return 2;
  }
  const ending = new Ending();
  ending.watch();
  const app = createApp({
    requestStop: () => ending.request(),
    now: () => performance.now(),
    wall: () => Date.now(),
  });
  let serving: Serving;
  try {
    await clearStaleSocket(path);
    serving = new Serving(path, {
      handle: (request) => app.handle(request),
      onListen: () => console.log(`listening on ${path}`),
    });
  } catch (error) {
    console.error(`cannot listen on ${path}: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
  await ending.requested;
  const closed = serving.close().then(() => true);
  if (await Promise.race([closed, ending.overdue.then(() => false)])) {
    console.log(`stopped after ${app.answered} inputs`);
    return 0;
  }
  serving.abandon();
  console.log("stopped before all requests had ended");
  return 1;
}

if (import.meta.main) Deno.exit(await runBuiltinEngine());
