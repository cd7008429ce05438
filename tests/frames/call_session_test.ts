/** The caller's side without a connection. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../src/core/mod.ts";
import { CallSession, MAX_OPEN_CALLS } from "../../src/frames/call_session.ts";
import { concat, failure, frame, hello, result, valueOf } from "./support/frames.ts";

function greeted(maxCalls = 8): CallSession<string> {
  const session = new CallSession<string>();
  assertEquals(session.receive(hello(maxCalls)), []);
  return session;
}

Deno.test("nothing is called before the hello, and no more at once than it says", () => {
  const session = new CallSession<string>();
  assertEquals([session.hasSlot, session.isGreeted], [false, false]);
  session.receive(hello(2));
  session.begin("a");
  assert(session.hasSlot);
  session.begin("b");
  assert(!session.hasSlot);
  assertThrows(() => session.begin("c"), TypeError);
});

Deno.test("a hello may promise more than we ask for", () => {
  const session = greeted(1_000_000);
  for (let count = 0; count < MAX_OPEN_CALLS; count++) session.begin("x");
  assert(!session.hasSlot);
});

Deno.test("answers find their calls in any order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.func(fc.integer()), (count, order) => {
      const session = greeted(100);
      const ids = Array.from({ length: count }, (_, index) => session.begin(`call ${index}`));
      const shuffled = ids.map((id, index) => ({ id, index, key: order(index) }))
        .toSorted((a, b) => a.key - b.key);
      const answers = session.receive(
        concat(...shuffled.map(({ id, index }) => result(id, index))),
      );
      assertEquals(
        answers.map(({ owner, outcome }) =>
          `${owner} ${outcome.kind === "result" ? valueOf(outcome.payload) : ""}`
        ),
        shuffled.map(({ index }) => `call ${index} ${index}`),
      );
      assertEquals(session.openCalls, 0);
    }),
    { seed: 20_261_123 },
  );
});

Deno.test("an answer to a call nobody made is refused", () => {
  const session = greeted();
  const id = session.begin("a");
  assertEquals(
    assertThrows(() => session.receive(result(id + 1, 1)), ProtocolError).rule,
    "FRAME_ID",
  );
});

Deno.test("a second answer to one call is refused", () => {
  const session = greeted();
  const id = session.begin("a");
  session.receive(result(id, 1));
  assertEquals(assertThrows(() => session.receive(result(id, 1)), ProtocolError).rule, "FRAME_ID");
});

Deno.test("a call taken back keeps its slot until it is answered, which nobody is told of", () => {
  const session = greeted(1);
  const id = session.begin("a");
  session.abandon(id);
  assert(!session.hasSlot);
  assertEquals(session.receive(failure(id, { code: "cancelled", message: "" })), []);
  assert(session.hasSlot);
});

Deno.test("a failure says what the engine says, and no more", () => {
  const session = greeted();
  const said = { code: "failed", message: "no", type: "ValueError", functions: ["a", 3], extra: 1 };
  const [answer] = session.receive(failure(session.begin("a"), said));
  assertEquals(answer?.outcome, {
    kind: "failure",
    failure: { code: "failed", message: "no", type: "ValueError", functions: ["a"] },
  });
});

const HELLO = { protocol: "ai-engine-frames", version: 1, maxCalls: 1 };

const WRONG_HELLOS: readonly (readonly [what: string, bytes: Uint8Array, rule: string])[] = [
  ["is a result", result(1, 1), "FRAME_HELLO"],
  ["is not JSON", frame("hello", { body: "{" }), "FRAME_JSON"],
  ["is not UTF-8", frame("hello", { body: Uint8Array.of(0x22, 0xff, 0x22) }), "FRAME_JSON"],
  ["is null", frame("hello", { body: "null" }), "FRAME_JSON"],
  ...[{ ...HELLO, protocol: "x" }, { ...HELLO, version: 2 }, { ...HELLO, maxCalls: 0 }, {
    ...HELLO,
    maxCalls: "8",
  }, { ...HELLO, maxCalls: 1.5 }].map((said) =>
    [
      `is ${JSON.stringify(said)}`,
      frame("hello", { body: JSON.stringify(said) }),
      "FRAME_HELLO",
    ] as const
  ),
];

for (const [what, bytes, rule] of WRONG_HELLOS) {
  Deno.test(`refused: a first frame that ${what}`, () => {
    const session = new CallSession<string>();
    assertEquals(assertThrows(() => session.receive(bytes), ProtocolError).rule, rule);
  });
}

for (const kind of ["hello", "call", "cancel"] as const) {
  Deno.test(`refused: a ${kind} behind the hello`, () => {
    const session = greeted();
    session.begin("a");
    const bytes = kind === "cancel"
      ? frame(kind, { id: 1, format: "none" })
      : frame(kind, { id: kind === "hello" ? 0 : 1, body: "{}" });
    assertEquals(assertThrows(() => session.receive(bytes), ProtocolError).rule, "FRAME_KIND");
  });
}

for (const body of ["{", "[]", '{"code":"failed"}', '{"code":1,"message":"x"}']) {
  Deno.test(`refused: an error of ${body}`, () => {
    const session = greeted();
    const bytes = frame("error", { id: session.begin("a"), body });
    assertEquals(assertThrows(() => session.receive(bytes), ProtocolError).rule, "FRAME_JSON");
  });
}
