/** How alike two texts are, by a model that makes vectors of them. */
import { Buttons, Outcome } from "./try_parts.tsx";

/** Two that mean alike and share no noun, so that one press shows what a model is for. */
const EXAMPLES = ["How do I get my money back?", "I want a refund."] as const;

export function LikenessPanel({ engine, model, texts = EXAMPLES }: {
  readonly engine: string;
  readonly model: string;
  readonly texts?: readonly [string, string];
}) {
  return (
    <section class="try" aria-labelledby="try-likeness-head" data-panel="likeness">
      <h3 id="try-likeness-head">Compare two texts</h3>
      <form method="post" action={`/engines/${engine}/likeness`}>
        <p class="hint">With {model}, by what they mean</p>
        <input type="hidden" name="model" value={model} />
        <label for="try-one">One text</label>
        <textarea id="try-one" name="one" rows={2} required autocomplete="off">{texts[0]}</textarea>
        <label for="try-other">Another</label>
        <textarea id="try-other" name="other" rows={2} required autocomplete="off">
          {texts[1]}
        </textarea>
        <Buttons send="Compare" />
      </form>
      <Outcome answer="Likeness" />
    </section>
  );
}
