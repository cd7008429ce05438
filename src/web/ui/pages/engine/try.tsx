/** The panels for trying an engine out: an input, a chat, the likeness of two texts. */
import { talentsOf } from "../../../talents.ts";
import { assetUrl } from "../../assets.ts";
import type { Section } from "../engine.tsx";
import type { TryModel } from "./try_model.ts";
import { ChatPanel, MissingModel } from "./try_chat.tsx";
import { LikenessPanel } from "./try_likeness.tsx";
import { Buttons, Outcome } from "./try_parts.tsx";

export const TRY: Section = {
  id: "try",
  title: "Try it",
  render: ({ view, frame: { asksForTokens }, deps }) => (
    <TryPanels model={{ view, asksForTokens, talents: talentsOf(view.name, deps) }} />
  ),
};

/** All that can be tried with this engine. Where there are models, they come first. */
export function TryPanels({ model }: { readonly model: TryModel }) {
  const { asksForTokens, talents: { chat, likeness, missing }, view } = model;
  const { name } = view;
  return (
    <div
      class="tries"
      data-module={assetUrl("try.js")}
      data-try={name}
      data-state={view.state}
      data-since={view.since}
      data-usual-start={view.usualStartMs ?? undefined}
      data-asks-token={asksForTokens ? "" : undefined}
    >
      {chat.length > 0 && <ChatPanel engine={name} models={chat} />}
      {likeness !== null && <LikenessPanel engine={name} model={likeness} />}
      {missing !== null && <MissingModel missing={missing} />}
      <InputPanel engine={name} draft="" />
    </div>
  );
}

/** A text or a file for `POST /input`, and what comes back. */
export function InputPanel({ engine, draft }: { readonly engine: string; readonly draft: string }) {
  return (
    <section class="try" aria-labelledby="try-input-head" data-panel="input">
      <h3 id="try-input-head">Send an input</h3>
      <form method="post" action={`/engines/${engine}/try`} enctype="multipart/form-data">
        <label for="try-input">Input</label>
        <textarea
          id="try-input"
          name="input"
          rows={3}
          autocomplete="off"
          placeholder="Type something"
        >
          {draft}
        </textarea>
        <label for="try-file">Or a text file</label>
        <input id="try-file" name="file" type="file" />
        <Buttons send="Send" />
      </form>
      <Outcome answer="Answer" />
    </section>
  );
}
