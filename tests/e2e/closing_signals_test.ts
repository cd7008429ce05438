/** A signal that comes while the program closes. */
import { assertEquals, assertMatch } from "@std/assert";
import { EventStream } from "./support/event_stream.ts";
import { programTest, scripted, sendInput } from "./support/harness.ts";
import { WITH_TERMINAL } from "./support/terminal.ts";

for (const [first, second] of [["SIGTERM", "SIGHUP"], ["SIGHUP", "SIGINT"]] as const) {
  programTest(
    `${second} while ${first} closes it hurries the close and does not call it off`,
    { ...scripted(), prefix: WITH_TERMINAL },
    async (program) => {
      await using events = await EventStream.open(program);
      const inFlight = sendInput(program, "wait for-ever");
      await program.printed(/waiting for for-ever/);
      program.signal(first);
      await events.state("draining");
      program.signal(second);
      await events.state("stopped");
      assertEquals((await inFlight).body.code, "shutting_down");
      assertEquals((await program.ended()).code, 0);
      assertMatch(program.stderr, new RegExp(`${second}: closing at once`));
    },
  );
}
