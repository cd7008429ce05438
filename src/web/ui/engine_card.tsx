/** One engine: its state, what can be done with it, its numbers, a field to send to it, its answer. */
import type { EngineKind, EngineView } from "../../core/mod.ts";
import type { PythonInputEvent } from "../../events/mod.ts";
import { NoticeLine } from "./notice_line.tsx";
import type { CardModel } from "./page_model.ts";
import { TroubleBox } from "./trouble_box.tsx";
import {
  type ActionText,
  answerTime,
  describeEngine,
  describeInstances,
  describeStatus,
  type FormPage,
  formPath,
} from "./words.js";

const KINDS: Readonly<Record<EngineKind, string>> = {
  builtin: "Built-in engine",
  python: "Python engine",
  command: "Your program",
  remote: "Runs elsewhere",
};

export interface EngineCardProps {
  readonly model: CardModel;
  readonly now: number;
  /** Where it stands: among others, or as the head of its own page. @default engines */
  readonly page?: FormPage;
}

export function EngineCard({ model, now, page = "engines" }: EngineCardProps) {
  const { view } = model;
  const text = describeEngine(view, now);
  const id = `engine-${view.name}`;
  return (
    <section
      class="card"
      id={id}
      aria-labelledby={`${id}-name`}
      data-engine={view.name}
      data-page={page}
      data-state={view.state}
      data-tone={text.tone}
    >
      <div class="card-head">
        <div class="title">
          {page === "engine" ? <h1 id={`${id}-name`}>{view.name}</h1> : (
            <h2 id={`${id}-name`}>
              <a href={`/engines/${view.name}`}>{view.name}</a>
            </h2>
          )}
          <p class="kind">{KINDS[view.kind]}</p>
        </div>
        <form class="actions" method="post" action={formPath(view.name, "start", page)}>
          {Object.entries(text.actions).map(([action, words]) => (
            <ActionButton
              key={action}
              action={action}
              words={words}
              path={formPath(view.name, words.path, page)}
              engine={view.name}
            />
          ))}
        </form>
      </div>
      <p class="state">
        <span class="mark" data-mark={text.shape} aria-hidden="true"></span>
        <strong data-field="word">{text.word}</strong>{" "}
        <span class="note" data-field="note">{text.note}</span>
      </p>
      <Instances view={view} />
      <TroubleBox trouble={model.trouble ?? text.error} engine={view.name} />
      <NoticeLine notice={model.notice} />
      <Numbers model={model} now={now} page={page} />
      {page === "engines" && (
        <>
          <SendForm engine={view.name} draft={model.draft} />
          <LastAnswer answer={model.answer} />
        </>
      )}
    </section>
  );
}

/** Of an engine with replicas, each of them. */
function Instances({ view }: { readonly view: EngineView }) {
  const instances = describeInstances(view);
  return (
    <ul
      class="instances"
      data-part="instances"
      aria-label="Instances"
      hidden={instances.length === 0}
    >
      {instances.map(({ id, shape, tone, word, note }) => (
        <li key={id} data-tone={tone}>
          <span class="mark" data-mark={shape} aria-hidden="true"></span>
          <span data-field="instance-word">{`${id} ${word}`}</span>{" "}
          <span data-field="instance-note">{note}</span>
        </li>
      ))}
    </ul>
  );
}

interface ActionButtonProps {
  readonly engine: string;
  readonly action: string;
  readonly words: ActionText;
  readonly path: string;
}

/** Never `disabled`: a button that can't act now keeps the focus and says why it can't. */
function ActionButton({ engine, action, words, path }: ActionButtonProps) {
  return (
    <button
      type="submit"
      data-action={action}
      formaction={path}
      aria-disabled={words.blocked === "" ? "false" : "true"}
      title={words.blocked === "" ? undefined : words.blocked}
    >
      <span data-field="label">{words.label}</span>
      <span class="unseen">{engine}</span>
    </button>
  );
}

function Numbers({ model: { view, status }, now, page = "engines" }: EngineCardProps) {
  const text = describeEngine(view, now);
  const { count, uptime } = describeStatus(status);
  return (
    <div class="numbers">
      <div class="idle">
        <div class="idle-head">
          <p data-field="idle">{text.idle}</p>
          <form
            method="post"
            action={formPath(view.name, "activity", page)}
            data-part="keep"
            hidden={text.left === null}
          >
            <button type="submit" class="small" data-keep>
              Keep running<span class="unseen">{view.name}</span>
            </button>
          </form>
        </div>
        <progress aria-hidden="true" value={text.left?.value ?? 0} max={text.left?.max ?? 1}>
        </progress>
      </div>
      <dl>
        <Fact term="Answered" field="count" value={count} />
        <Fact term="Uptime" field="uptime" value={uptime} />
        <Fact term="Memory" field="memory" value={text.memory} />
        <Fact term="Process" field="pid" value={text.pid} />
      </dl>
    </div>
  );
}

interface FactProps {
  readonly term: string;
  readonly field: string;
  readonly value: string;
}

function Fact({ term, field, value }: FactProps) {
  return (
    <div>
      <dt>{term}</dt>
      <dd data-field={field}>{value}</dd>
    </div>
  );
}

function SendForm({ engine, draft }: { readonly engine: string; readonly draft: string }) {
  const id = `input-${engine}`;
  return (
    <form class="send" method="post" action={`/engines/${engine}/input`} data-send-form>
      <label for={id}>Input</label>
      <div class="send-row">
        <textarea
          id={id}
          name="input"
          rows={1}
          required
          autocomplete="off"
          placeholder="Type something"
          aria-describedby={`${id}-hint`}
        >
          {draft}
        </textarea>
        <button type="submit" class="primary" data-send aria-disabled="false">
          Send<span class="unseen">to {engine}</span>
        </button>
      </div>
      <p class="hint" id={`${id}-hint`}>
        <span data-needs-script hidden>
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd> + <kbd>Enter</kbd> adds a line.
        </span>{" "}
        <span data-field="sending"></span>
      </p>
    </form>
  );
}

function LastAnswer({ answer }: { readonly answer: PythonInputEvent | null }) {
  return (
    <div class="answer" aria-live="polite">
      <h3>Last answer</h3>
      <p class="none" data-part="no-answer" hidden={answer !== null}>
        Nothing yet. Send something, and what comes back appears here.
      </p>
      <dl data-part="answer" hidden={answer === null}>
        <dt>Your input</dt>
        <dd data-field="answer-input">{answer?.input}</dd>
        <dt>Echo</dt>
        <dd class="echo" data-field="answer-message">{answer?.message}</dd>
        <dt>Time</dt>
        <dd class="time" data-field="answer-time">{answer && answerTime(answer)}</dd>
      </dl>
      <p class="none" data-part="cut" hidden={answer === null || answer.cut.length === 0}>
        Shortened to 4 KiB.
      </p>
    </div>
  );
}
