/** `POST /api/engines/NAME/input`: one text to the engine, its answer back. */
import { type RequestRecord, type RequestWishes, toAiEngineError } from "../../core/mod.ts";
import type { InputAnswer, InputPhase } from "../../supervisor/mod.ts";
import { prefers } from "../accept.ts";
import { parseInput, readBody } from "../body.ts";
import type { WebDeps } from "../deps.ts";
import { toProblem } from "../problem.ts";
import { addRoute, engineName, type WebApp } from "../routes.ts";
import { encodeEvent, eventStreamHeaders } from "../sse/encode.ts";
import type { WebBounds } from "../web_bounds.ts";
import { readWishes } from "../wishes.ts";
import { answerText, toAnswerResponse } from "./answer.ts";

export function addInputRoute(app: WebApp, deps: WebDeps, { onTooLarge }: WebBounds): void {
  const { clock } = deps;
  addRoute(app, "/api/engines/:name/input", {
    POST: async (c) => {
      const name = engineName(c);
      deps.supervisor.view(name); // an unknown engine is told before the body is read
      const wishes = readWishes(c);
      const text = parseInput(await readBody(c.req.raw, { clock, onTooLarge }));
      if (prefers(c.req.header("accept") ?? null, "text/event-stream")) {
        return new Response(streamInput(deps, { name, text, wishes, ...c.env }), {
          headers: eventStreamHeaders(),
        });
      }
      const { signal, record } = c.env;
      const answer = await deps.supervisor.input(name, text, { ...wishes, signal, record });
      return toAnswerResponse(answer, name);
    },
  });
}

interface InputCall {
  readonly name: string;
  readonly text: string;
  readonly wishes: RequestWishes;
  readonly signal: AbortSignal;
  readonly record: RequestRecord;
}

/**
 * The same call as events: `phase` for each step of the way, `chunk` with text to show, then `done`
 * or `fail`. A reader that goes away takes the call back.
 */
function streamInput(deps: WebDeps, call: InputCall): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const signal = AbortSignal.any([call.signal, left.signal]);
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (type: string, data: unknown): void => {
        if (!left.signal.aborted) controller.enqueue(encodeEvent({ type, data }));
      };
      try {
        const onPhase = (phase: InputPhase, position?: number) => {
          send("phase", { engine: call.name, phase, position });
        };
        let hasText = false;
        const onText = (text: string) => {
          hasText = true;
          send("chunk", { text });
        };
        const options = { ...call.wishes, signal, onPhase, onText, record: call.record };
        const answer = await deps.supervisor.input(call.name, call.text, options);
        sendAnswer(answer, { send, hasText });
      } catch (error) {
        send("fail", toProblem(toAiEngineError(error), call.record.id));
      }
      if (!left.signal.aborted) controller.close();
    },
    cancel() {
      left.abort();
    },
  });
}

interface SendOptions {
  readonly send: (type: string, data: unknown) => void;
  /** Its text has gone out as it came. */
  readonly hasText: boolean;
}

/** An engine's own error is a `fail`, too, with the engine as its source and its body unchanged. */
function sendAnswer(answer: InputAnswer, { send, hasText }: SendOptions): void {
  const { status, json } = answer;
  if (status < 200 || status > 299) {
    send("fail", { source: "engine", status, body: new TextDecoder().decode(answer.body) });
    return;
  }
  if (!hasText) send("chunk", { text: answerText(answer) });
  const tookMs = Math.round(answer.tookMs * 100) / 100;
  send("done", { status, tookMs, answer: json });
}
