/** Topics that only those get who name them, through the whole program. */
import { assertEquals } from "@std/assert";
import { EventStream } from "./support/event_stream.ts";
import { BUILTIN, programTest } from "./support/harness.ts";

programTest(
  "who names the topics gets lines and requests, others neither",
  BUILTIN,
  async (program) => {
    await using plain = await EventStream.open(program);
    // One each: which of the two is told first is nobody's promise.
    await using lined = await EventStream.open(program, "?topics=state,log");
    await using named = await EventStream.open(program, "?topics=request");
    const { body } = await program.json("/api/engines/builtin/input", { body: { input: "hello" } });
    assertEquals(body.message, "You said: hello");
    const { lines } = await lined.next("log", ({ engine }) => engine === "builtin");
    assertEquals([lines[0].n, lines[0].stream], [1, "program"]);
    const ended = await named.next("request", ({ progress }) => progress.phase === "ended");
    assertEquals([ended.engine, ended.way, ended.status, ended.progress.outcome], [
      ...["builtin", "input", 200, "answered"],
    ]);
    await plain.next("python_input");
    const types = new Set(plain.events.map(({ type }) => type));
    assertEquals([types.has("log"), types.has("request")], [false, false]);
  },
);
