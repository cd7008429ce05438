/** Random walks over the bus against a model that simply remembers everything. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Delivery, EventBus, type Subscription } from "../../src/events/mod.ts";
import { numberOf, replayable, statusOf } from "./support/numbered.ts";

type Step =
  | { readonly do: "publish"; readonly isReplayable: boolean }
  | { readonly do: "subscribe"; readonly after: number | null }
  | { readonly do: "take" | "echo" | "close"; readonly who: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("publish" as const), isReplayable: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("subscribe" as const),
      after: fc.option(fc.nat({ max: 40 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("take" as const, "echo" as const, "close" as const),
      who: fc.nat({ max: 5 }),
    }),
  },
);

interface Reader {
  readonly subscription: Subscription;
  /** Numbers of all events it should get or be told to have lost, in order. */
  readonly due: number[];
  /** How many of `due` it has got or was told to have lost. */
  position: number;
  isOpen: boolean;
}

class Model {
  readonly bus: EventBus;
  readonly readers: Reader[] = [];
  readonly #replayable: number[] = [];
  #count = 0;

  constructor(ringSize: number, mailboxSize: number) {
    this.bus = new EventBus({ boot: "ab", ringSize, mailboxSize });
  }

  publish(isReplayable: boolean): void {
    const number = ++this.#count;
    if (isReplayable) this.#replayable.push(number);
    for (const reader of this.readers) if (reader.isOpen) reader.due.push(number);
    // Of an engine of its own: nothing takes its place in a mailbox.
    this.bus.publish(isReplayable ? replayable(number) : statusOf(`e${number}`, number));
    assertEquals(this.bus.lastId, `ab.${this.#replayable.length}`);
  }

  subscribe(after: number | null): void {
    const seq = after === null ? null : Math.min(after, this.#replayable.length);
    const subscription = this.bus.subscribe(seq === null ? {} : { after: `ab.${seq}` });
    const due = seq === null ? [] : this.#replayable.slice(seq);
    this.readers.push({ subscription, due, position: 0, isOpen: true });
  }

  read(reader: Reader): void {
    for (const delivery of reader.subscription.take()) this.#check(reader, delivery);
  }

  #check(reader: Reader, delivery: Delivery): void {
    if ("type" in delivery) {
      assert(delivery.missed !== null && delivery.missed > 0);
      reader.position += delivery.missed;
      return;
    }
    const number = numberOf(delivery.event);
    assertEquals(number, reader.due[reader.position++], "in order, and lost just what was told");
    const seq = this.#replayable.indexOf(number) + 1;
    assertEquals(delivery.id, seq === 0 ? null : `ab.${seq}`);
  }
}

function carryOut(model: Model, step: Step): void {
  if (step.do === "publish") return model.publish(step.isReplayable);
  if (step.do === "subscribe") return model.subscribe(step.after);
  const reader = model.readers[step.who];
  if (reader === undefined) return;
  if (step.do === "take") return model.read(reader);
  if (step.do === "echo") return reader.subscription.onNext(() => echo(model));
  reader.isOpen = false;
  reader.subscription.close();
}

/** A reader that publishes while it is woken, but not for ever. */
function echo(model: Model): void {
  for (const reader of model.readers) model.read(reader);
  model.publish(true);
}

Deno.test("what a subscriber sees is in order, and lost + seen = published, whatever happens", () => {
  const walk = fc.record({
    ringSize: fc.integer({ min: 1, max: 8 }),
    mailboxSize: fc.integer({ min: 1, max: 5 }),
    steps: fc.array(steps, { maxLength: 120, size: "max" }),
  });
  fc.assert(
    fc.property(walk, ({ ringSize, mailboxSize, steps }) => {
      const model = new Model(ringSize, mailboxSize);
      for (const step of steps) carryOut(model, step);
      for (const reader of model.readers) {
        model.read(reader);
        assertEquals(reader.position, reader.due.length, "nothing is lost in silence");
      }
    }),
    { numRuns: 500 },
  );
});
