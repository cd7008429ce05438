/** A chat with a model of an engine; where there is none, how to get one. */
import type { Message } from "../../words_try.js";
import { Buttons, Outcome } from "./try_parts.tsx";
import type { Talents } from "./try_model.ts";

export function ChatPanel({ engine, models, history = [], draft = "" }: {
  readonly engine: string;
  readonly models: readonly string[];
  /** What was said so far, which the form carries along. */
  readonly history?: readonly Message[];
  readonly draft?: string;
}) {
  return (
    <section class="try" aria-labelledby="try-chat-head" data-panel="chat">
      <h3 id="try-chat-head">Chat</h3>
      <div
        class="messages"
        role="log"
        aria-live="off"
        aria-label="Conversation"
        tabindex={0}
        data-field="messages"
        hidden
      >
      </div>
      <form method="post" action={`/engines/${engine}/chat`}>
        {history.length > 0 && (
          <input type="hidden" name="history" value={JSON.stringify({ messages: history })} />
        )}
        <ModelField models={models} />
        <label for="try-message">Message</label>
        <textarea
          id="try-message"
          name="message"
          rows={2}
          required
          autocomplete="off"
          placeholder="Hello!"
        >
          {draft}
        </textarea>
        <Buttons send="Send" />
        <p hidden data-needs-panel>
          <button type="button" data-clear>Start over</button>
        </p>
      </form>
      <Outcome answer={null} />
    </section>
  );
}

/** Of one model nothing has to be chosen. */
function ModelField({ models }: { readonly models: readonly string[] }) {
  const [only = "", ...others] = models;
  if (others.length === 0) {
    return (
      <>
        <p class="hint">With {only}</p>
        <input type="hidden" name="model" value={only} />
      </>
    );
  }
  return (
    <>
      <label for="try-model">Model</label>
      <select id="try-model" name="model">
        {models.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </>
  );
}

/** What to put where, so that there is a chat. */
export function MissingModel({ missing }: { readonly missing: NonNullable<Talents["missing"]> }) {
  const { modelsDir, elsewhere } = missing;
  return (
    <section class="try" aria-labelledby="try-chat-head">
      <h3 id="try-chat-head">Chat</h3>
      {elsewhere.length > 0
        ? (
          <>
            <p>This engine's model compares texts. Others write:</p>
            <ul>
              {elsewhere.map(({ model, engine }) => (
                <li key={model}>
                  <a href={`/engines/${engine}#try`}>Chat with {model}</a>
                </li>
              ))}
            </ul>
          </>
        )
        : (
          <p>
            There is no model here yet that writes. Get one as a GGUF file from where you trust it.
          </p>
        )}
      {modelsDir !== null && (
        <p>
          Put {elsewhere.length > 0 ? "another" : "it"} into{" "}
          <code>{modelsDir}</code>: a chat is there at once, under the file's name.
        </p>
      )}
      <p>
        {modelsDir === null ? "Name it" : "Or name it"} when you start the program:{" "}
        <code>ai-engine serve --model FILE.gguf</code>
      </p>
    </section>
  );
}
