import { quote } from "../config/mod.ts";
import { RequestError } from "../core/mod.ts";
import {
  ACTION_LIMIT_MS,
  type ClientContext,
  orAbort,
  pickEngine,
  readEngines,
} from "./client_context.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";
import { plain } from "./text.ts";

/** Largest body of an input request (contract section 2). */
const MAX_BODY_BYTES = 1_048_576;

/** `send`: the input to the engine, its answer to stdout. */
export async function send(context: ClientContext): Promise<number> {
  const { client, screen, signal, invocation: { args, flags } } = context;
  const input = await orAbort(readInput(context, args[0] ?? ""), signal);
  const view = pickEngine(await readEngines(context), flags.get("engine")?.at(-1));
  const label = view.state === "ready"
    ? `waiting for ${view.name}`
    : `starting ${view.name} and waiting for its answer`;
  const target = `/api/engines/${view.name}/input`;
  const answer = await screen.during(
    label,
    client.request({ method: "POST", target, body: { input } }, {
      signal,
      limitMs: ACTION_LIMIT_MS,
    }),
  );
  if (answer.status > 299) throw new ProblemError(problemOfAnswer(answer, view.name));
  if (screen.json) {
    await screen.printJson(answer.json ?? { text: answer.text });
    return 0;
  }
  const message = isRecord(answer.json) ? answer.json["message"] : undefined;
  const text = typeof message === "string" ? message : answer.text;
  // A pipe gets what the engine said; a terminal nothing that would act on it.
  await screen.print(screen.isTerminal ? plain(text) : text);
  return 0;
}

/** `TEXT`, `@FILE` or `-`; checked before anything is sent. */
async function readInput({ deps }: ClientContext, arg: string): Promise<string> {
  const input = arg === "-" || arg.startsWith("@") ? decode(await readBytes(deps, arg), arg) : arg;
  const bodyBytes = new TextEncoder().encode(JSON.stringify({ input })).length;
  if (bodyBytes > MAX_BODY_BYTES) throw tooLarge(arg);
  return input;
}

async function readBytes(deps: ClientContext["deps"], arg: string): Promise<Uint8Array> {
  try {
    return arg === "-"
      ? await deps.readStdin(MAX_BODY_BYTES + 1)
      : await deps.readFile(arg.slice(1), MAX_BODY_BYTES + 1);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RequestError("bad_input", {
      detail: `${nameInput(arg)} can't be read: ${why}.`,
      remedy: "Check the path; a text that begins with @ goes through standard input: " +
        "ai-engine send -",
      cause: error,
    });
  }
}

function decode(bytes: Uint8Array, arg: string): string {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge(arg);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new RequestError("bad_input", {
      detail: `${nameInput(arg)} is not text in UTF-8.`,
      remedy: "Convert it first, for example with iconv -t UTF-8.",
      cause: error,
    });
  }
}

function tooLarge(arg: string): RequestError {
  return new RequestError("too_large", {
    detail: `${nameInput(arg)} makes a request of more than 1 MiB, which no engine takes.`,
    remedy: "Send it in parts.",
  });
}

function nameInput(arg: string): string {
  if (arg === "-") return "Standard input";
  return arg.startsWith("@") ? `The file ${quote(arg.slice(1))}` : "The text";
}
