import { formatDuration } from "../core/mod.ts";
import {
  ACTION_LIMIT_MS,
  type ClientContext,
  orAbort,
  pickEngine,
  pickUnnamed,
  readEngines,
} from "./client_context.ts";
import { notOurs } from "./control_client.ts";
import { usually } from "./engine_commands.ts";
import { parseJson, readEvents } from "./event_source.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";
import type { Progress } from "./screen.ts";
import { readInput } from "./send_input.ts";
import { plain } from "./text.ts";

/** A call to be made. */
interface Call {
  readonly engine: string;
  readonly target: string;
  readonly input: string;
  /** How long a start of the engine usually takes, in words. */
  readonly usually: string;
  readonly progress: Progress | null;
}

/** `send`: the input to the engine, its answer to stdout while it comes. */
export async function send(context: ClientContext): Promise<number> {
  const { deps, screen, signal, invocation: { args, flags } } = context;
  const input = await orAbort(readInput(deps, args[0]), signal);
  const name = flags.get("engine")?.at(-1);
  const views = await readEngines(context);
  const view = name === undefined ? await pickUnnamed(context, views) : pickEngine(views, name);
  const target = `/api/engines/${view.name}/input`;
  if (flags.has("curl")) return await printCurl(context, { target, input });
  const label = view.state === "ready"
    ? `waiting for ${view.name}`
    : `starting ${view.name} and waiting for its answer`;
  const progress = screen.beginProgress(label);
  const call = {
    engine: view.name,
    target,
    input,
    usually: usually([view.usualStartMs]),
    progress,
  };
  const began = screen.clock.now();
  const sending = screen.json ? sendWhole(context, call) : sendStreamed(context, call);
  const timings = await screen.during(progress, sending);
  if (flags.has("timings")) await screen.tell(describe(timings, began));
  return 0;
}

/** When things happened, by the clock of the screen. */
interface Timings {
  readonly firstAt: number;
  readonly endedAt: number;
  /** As the answer says. */
  readonly tokens: number | null;
}

async function sendWhole(context: ClientContext, call: Call): Promise<Timings> {
  const { client, screen, signal } = context;
  const { target, input, engine } = call;
  const answer = await client.request({ method: "POST", target, body: { input } }, {
    signal,
    limitMs: ACTION_LIMIT_MS,
  });
  const endedAt = screen.clock.now();
  if (answer.status > 299) throw new ProblemError(problemOfAnswer(answer, engine));
  await screen.printJson(answer.json ?? { text: answer.text });
  return { firstAt: endedAt, endedAt, tokens: tokensOf(answer.json) };
}

async function sendStreamed(context: ClientContext, call: Call): Promise<Timings> {
  const { client, screen, signal } = context;
  const { target, input, engine, progress } = call;
  const request = { method: "POST", target, body: { input } } as const;
  const options = { signal, limitMs: ACTION_LIMIT_MS, idleMs: ACTION_LIMIT_MS };
  const answer = await client.stream(request, options);
  if (answer.kind === "whole") throw new ProblemError(problemOfAnswer(answer.answer, engine));
  let firstAt: number | undefined;
  let last = "";
  for await (const { type, data } of readEvents(answer.body)) {
    const fields = isRecord(data) ? data : {};
    if (type === "phase") showPhase(call, fields["phase"]);
    if (type === "chunk") {
      firstAt ??= screen.clock.now();
      await progress?.end();
      const text = String(fields["text"] ?? "");
      // A pipe gets what the engine said; a terminal nothing that would act on it.
      await screen.write(screen.isTerminal ? plain(text) : text);
      last = text.slice(-1) || last;
    }
    if (type === "fail") throw toFailure(fields, engine);
    if (type !== "done") continue;
    if (last !== "\n") await screen.write("\n");
    const endedAt = screen.clock.now();
    return { firstAt: firstAt ?? endedAt, endedAt, tokens: tokensOf(fields["answer"]) };
  }
  if (last !== "" && last !== "\n") await screen.write("\n");
  throw notOurs("the control socket");
}

function showPhase({ engine, progress, usually }: Call, phase: unknown): void {
  if (phase === "queued") progress?.become(`waiting for ${engine} to have room`);
  if (phase === "starting") {
    progress?.become(`starting ${engine}`);
    progress?.note(usually);
  }
  if (phase === "answering") progress?.become(`waiting for ${engine}`);
}

/** What a `fail` in the place of an answer tells: a problem of ours, or what the engine said. */
function toFailure(fields: Readonly<Record<string, unknown>>, engine: string): ProblemError {
  const status = Number(fields["status"]);
  const text = String(fields["body"] ?? "");
  const json = fields["source"] === "engine" ? parseJson(text) : fields;
  return new ProblemError(problemOfAnswer({ status, text, json }, engine));
}

function tokensOf(answer: unknown): number | null {
  const usage = isRecord(answer) ? answer["usage"] : undefined;
  const tokens = isRecord(usage) ? usage["completion_tokens"] : undefined;
  return typeof tokens === "number" ? tokens : null;
}

function describe({ firstAt, endedAt, tokens }: Timings, began: number): string {
  const totalMs = endedAt - began;
  const rate = tokens === null || endedAt <= firstAt
    ? ""
    : `, ${(tokens / ((endedAt - firstAt) / 1_000)).toFixed(1)}/s`;
  return `total ${formatDuration(totalMs)}, first byte ${formatDuration(firstAt - began)}` +
    (tokens === null ? "" : `, ${tokens} tokens${rate}`);
}

/** What a shell would have to run for the same. */
async function printCurl(
  { client, screen }: ClientContext,
  { target, input }: { readonly target: string; readonly input: string },
): Promise<number> {
  const words = [
    "curl",
    "--unix-socket",
    inShell(client.path),
    "-H",
    inShell("content-type: application/json"),
    "-d",
    inShell(JSON.stringify({ input })),
    inShell(`http://localhost${target}`),
  ];
  if (screen.json) await screen.printJson({ curl: words.join(" ") });
  else await screen.print(words.join(" "));
  return 0;
}

/** A word as a shell takes it literally. */
export function inShell(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
