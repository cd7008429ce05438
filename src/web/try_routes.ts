/**
 * The forms for trying an engine out, for browsers without a script: the page goes out at once, then
 * what the engine answers, as it comes. Loaded with the first of them.
 *
 * @module
 */
import { answerText } from "./api/answer.ts";
import { askEngine, type AskOptions, type EngineAnswer } from "./ask_engine.ts";
import { readBody } from "./body.ts";
import type { WebDeps } from "./deps.ts";
import { engineName, type RequestContext } from "./routes.ts";
import { historyOf, inputOf, readForm, textOf } from "./try_form.ts";
import { answerAsPage, type AnswerWriter } from "./try_page.ts";
import { InputPanel } from "./ui/pages/engine/try.tsx";
import { ChatPanel } from "./ui/pages/engine/try_chat.tsx";
import { LikenessPanel } from "./ui/pages/engine/try_likeness.tsx";
import { parseObject, troubleOfEngine } from "./ui/words.js";
import {
  chatBody,
  ChatReader,
  type Message,
  NO_VECTORS,
  similarityOf,
  similarityText,
  troubleOfModel,
} from "./ui/words_try.js";
import type { WebBounds } from "./web_bounds.ts";

/** What every form of these comes with. */
interface Tried {
  readonly engine: string;
  readonly form: FormData;
}

async function readTried(
  c: RequestContext,
  { clock, supervisor }: WebDeps,
  { onTooLarge }: WebBounds,
): Promise<Tried> {
  const engine = engineName(c);
  supervisor.view(engine); // an unknown engine is told before the body is read
  const body = await readBody(c.req.raw, { clock, onTooLarge });
  return { engine, form: await readForm(body, c.req.header("content-type")) };
}

/** By the last part of their paths. */
export const TRY_FORMS = { try: answerTry, chat: answerChat, likeness: answerLikeness } as const;

/** `POST /engines/NAME/try`: the field `input`, or the file `file`. */
async function answerTry(
  c: RequestContext,
  deps: WebDeps,
  bounds: WebBounds,
): Promise<Response> {
  const { engine, form } = await readTried(c, deps, bounds);
  const text = await inputOf(form);
  return answerAsPage(deps, {
    engine,
    title: `Input to ${engine}`,
    said: [{ who: "Your input", text }],
    form: (isDone) => InputPanel({ engine, draft: isDone ? "" : text }),
    async ask(answer, signal) {
      const got = await deps.supervisor.input(engine, text, {
        signal,
        record: c.env.record,
        onPhase: (phase, position) => answer.phase(phase, position),
        onText: (piece) => answer.text(piece),
      });
      if (got.status < 200 || got.status > 299) {
        return { trouble: troubleOfEngine(got.status, new TextDecoder().decode(got.body)) };
      }
      if (answer.said === "") answer.text(answerText(got));
      return { trouble: null };
    },
  }, c.env.signal);
}

/** `POST /engines/NAME/chat`: the fields `message`, `model` and `history`. */
async function answerChat(
  c: RequestContext,
  deps: WebDeps,
  bounds: WebBounds,
): Promise<Response> {
  const { engine, form } = await readTried(c, deps, bounds);
  const model = textOf(form, "model");
  const message = textOf(form, "message");
  const before = historyOf(form);
  const messages: readonly Message[] = [...before, { role: "user", content: message }];
  return answerAsPage(deps, {
    engine,
    title: `Chat with ${model}`,
    said: messages.map(({ role, content }) => ({
      who: role === "user" ? "You" : model,
      text: content,
    })),
    form: (isDone, said) =>
      ChatPanel({
        engine,
        models: [model],
        history: isDone ? [...messages, { role: "assistant", content: said }] : before,
        draft: isDone ? "" : message,
      }),
    async ask(answer, signal) {
      const reader = new ChatReader();
      const path = "/v1/chat/completions";
      const body = chatBody(nameThere(model, engine, deps), messages);
      const onPiece = (piece: string) => answer.text(reader.read(piece));
      const got = await ask(deps, { engine, answer, path, body, signal, onPiece });
      if (got.status !== 200) return { trouble: troubleOfModel(got.status, got.text) };
      if (!reader.hasBegun) answer.text(reader.readWhole(got.text));
      reader.end();
      return { trouble: reader.trouble, tokens: reader.tokens };
    },
  }, c.env.signal);
}

/** `POST /engines/NAME/likeness`: the fields `model`, `one` and `other`. */
async function answerLikeness(
  c: RequestContext,
  deps: WebDeps,
  bounds: WebBounds,
): Promise<Response> {
  const { engine, form } = await readTried(c, deps, bounds);
  const model = textOf(form, "model");
  const texts = [textOf(form, "one"), textOf(form, "other")] as const;
  return answerAsPage(deps, {
    engine,
    title: "Two texts compared",
    said: [{ who: "One text", text: texts[0] }, { who: "Another", text: texts[1] }],
    form: () => LikenessPanel({ engine, model, texts }),
    async ask(answer, signal) {
      const body = { model: nameThere(model, engine, deps), input: texts };
      const got = await ask(deps, { engine, answer, path: "/v1/embeddings", body, signal });
      if (got.status !== 200) return { trouble: troubleOfModel(got.status, got.text) };
      const likeness = similarityOf(parseObject(got.text));
      if (likeness === null) return { trouble: NO_VECTORS };
      answer.text(similarityText(likeness));
      return { trouble: null };
    },
  }, c.env.signal);
}

function ask(
  { supervisor }: WebDeps,
  { engine, answer, ...options }: Omit<AskOptions, "onSent"> & {
    readonly engine: string;
    readonly answer: AnswerWriter;
  },
): Promise<EngineAnswer> {
  if (supervisor.view(engine).state !== "ready") answer.phase("starting");
  return askEngine(supervisor, engine, { ...options, onSent: () => answer.phase("answering") });
}

/** The model as the engine calls it. Throws `unknown_model`. */
function nameThere(model: string, engine: string, { models }: WebDeps): string {
  const { name, upstreamModel, engine: server } = models.find(model);
  return server === engine ? upstreamModel ?? name : model;
}
