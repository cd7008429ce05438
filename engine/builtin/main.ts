/** The process of the built-in engine, from the first line of output to the exit code. */
import { createApp } from "./app.ts";
import { CallServing } from "./calls.ts";
import { Ending } from "./ending.ts";
import { FUNCTIONS } from "./functions.ts";
import { clearStaleSocket, Serving } from "./serving.ts";

/**
 * Serves on `AI_ENGINE_SOCKET`, and direct calls on `AI_ENGINE_FRAMES` where that is set, until a
 * `POST /stop`, SIGTERM, SIGINT or the end of standard input, then lets requests in flight end.
 * Resolves to the exit code, with which the caller has to exit the process: 0, 1 when a socket can't be
 * had or requests were cut, 2 when the first variable is missing.
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
  let calls: CallServing | undefined;
  try {
    const frames = Deno.env.get("AI_ENGINE_FRAMES") ?? "";
    if (frames !== "") calls = await listenOn(frames, () => new CallServing(frames, FUNCTIONS));
    const handle = (request: Request) => app.handle(request);
    const onListen = () => console.log(`listening on ${path}`);
    serving = await listenOn(path, () => new Serving(path, { handle, onListen }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await calls?.close();
    return 1;
  }
  await ending.requested;
  const closed = Promise.all([serving.close(), calls?.close()]).then(() => true);
  if (await Promise.race([closed, ending.overdue.then(() => false)])) {
    console.log(`stopped after ${app.answered} inputs`);
    return 0;
  }
  serving.abandon();
  console.log("stopped before all requests had ended");
  return 1;
}

/** Makes `path` free and listens there. Throws with a text for people. */
async function listenOn<Listener>(path: string, listen: () => Listener): Promise<Listener> {
  try {
    await clearStaleSocket(path);
    return listen();
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`cannot listen on ${path}: ${why}`, { cause: error });
  }
}

if (import.meta.main) Deno.exit(await runBuiltinEngine());
