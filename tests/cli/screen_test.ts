import { assertEquals } from "@std/assert";
import {
  FakeCli,
  type FakeCliOptions,
  jsonAnswer,
  readyView,
  supervisorOf,
} from "./support/fake_cli.ts";
import { engineView } from "./support/fake_cli.ts";

/** A start that takes `ms`; gives what was on stderr along the way and at the end. */
async function startFor(ms: number, options: FakeCliOptions, ...more: string[]): Promise<string[]> {
  const done = Promise.withResolvers<ReturnType<typeof jsonAnswer>>();
  const answer = supervisorOf([engineView()], () => done.promise);
  const cli = new FakeCli({ ...options, answer });
  const exit = cli.run("start", ...more);
  await cli.clock.advance(ms);
  const meanwhile = cli.stderr.text;
  done.resolve(jsonAnswer(readyView()));
  assertEquals(await exit, 0);
  assertEquals(cli.clock.timers, 0);
  return [meanwhile, cli.stderr.text];
}

Deno.test("work that takes over a second shows its progress on a terminal, and clears it", async () => {
  const [meanwhile, after] = await startFor(1_450, { terminal: 80 });
  const expected = ["1.0", "1.2", "1.4"].map((s) => `\r\x1b[Kstarting python… ${s} s`).join("");
  assertEquals(meanwhile, expected);
  assertEquals(after, `${expected}\r\x1b[K`);
});

Deno.test("a progress is cut to the width of the terminal, and the time stays", async () => {
  const lines = [[25, "starting python… 1.0 s"], [20, "starting pyt… 1.0 s"], [12, "star… 1.0 s"], [
    6,
    "star…",
  ], [0, "starting python… 1.0 s"]] as const;
  for (const [terminal, line] of lines) {
    const [meanwhile] = await startFor(1_000, { terminal });
    assertEquals(meanwhile, `\r\x1b[K${line}`, String(terminal));
  }
});

Deno.test("work that is done within a second shows no progress", async () => {
  assertEquals(await startFor(999, { terminal: 80 }), ["", ""]);
});

Deno.test("there is no progress into a pipe, for --json, nor on a dumb terminal", async () => {
  assertEquals(await startFor(5_000, {}), ["", ""]);
  assertEquals(await startFor(5_000, { terminal: 80 }, "--json"), ["", ""]);
  assertEquals(await startFor(5_000, { terminal: 80, env: { TERM: "dumb" } }), ["", ""]);
});

Deno.test("a progress says how long the longest of the starts usually takes", async () => {
  const done = Promise.withResolvers<ReturnType<typeof jsonAnswer>>();
  const views = [6_000, 250].map((usualStartMs, i) => engineView({ name: `e${i}`, usualStartMs }));
  const cli = new FakeCli({ answer: supervisorOf(views, () => done.promise), terminal: 80 });
  const exit = cli.run("start", "e0", "e1");
  await cli.clock.advance(1_000);
  assertEquals(cli.stderr.text, "\r\x1b[Kstarting e0, e1… 1.0 s (usually 6 s)");
  done.resolve(jsonAnswer(readyView()));
  assertEquals(await exit, 0);
});
