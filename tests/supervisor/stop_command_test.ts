import { assertEquals } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { outcome, World } from "./world.ts";

const STOP = ["docker", "stop", "e"] as const;

Deno.test("a stop command runs in place of POST /stop, and its end is waited for", async () => {
  const { supervisor, machine, clock } = worldWith();
  await ready(supervisor.start("echo"), clock);
  const stopped = supervisor.stop("echo");
  await settle();
  const [engine, command] = machine.trees;
  assertEquals(command?.spec.argv, [...STOP]);
  assertEquals(machine.seen.includes("POST /stop"), false);
  engine?.exit(0);
  await clock.advance(10);
  assertEquals(supervisor.view("echo").state, "stopping");
  command?.exit(0);
  await clock.advance(100);
  assertEquals([(await stopped).state, (await stopped).how], ["stopped", "graceful"]);
  assertEquals(clock.timers, 0);
});

Deno.test("a stop command that hangs is killed at the grace; SIGTERM and SIGKILL follow", async () => {
  const { supervisor, machine, clock } = worldWith();
  machine.next = { ...machine.next, term: "ignored" };
  await ready(supervisor.start("echo"), clock);
  const stopped = supervisor.stop("echo");
  await clock.advance(499);
  const [engine, command] = machine.trees;
  assertEquals([engine?.signals, command?.signals], [[], []]);
  await clock.advance(2);
  assertEquals([engine?.signals, command?.signals], [["SIGTERM"], ["SIGKILL"]]);
  await clock.advance(1_000);
  assertEquals([(await stopped).how, engine?.signals], ["killed", ["SIGTERM", "SIGKILL"]]);
});

for (const [what, end] of [["a start limit", "limit"], ["a stop in a start", "stop"]] as const) {
  Deno.test(`${what} runs the stop command, too: the container lives on otherwise`, async () => {
    const { supervisor, machine, clock } = worldWith();
    machine.next = { ...machine.next, health: 503 };
    const starting = outcome(supervisor.start("echo"));
    await clock.advance(100);
    const stopped = end === "stop" ? supervisor.stop("echo") : undefined;
    await clock.advance(end === "stop" ? 1 : 10_000);
    const [engine, command] = machine.trees;
    assertEquals(command?.spec.argv, [...STOP]);
    command?.exit(0);
    engine?.exit(0);
    await clock.advance(100);
    await stopped;
    const expected = end === "stop" ? "stopped_by_user" : "health_failed";
    assertEquals(await starting, expected);
  });
}

function worldWith(): World {
  return new World({ stopCommand: STOP, graceMs: 500 });
}

async function ready(starting: Promise<unknown>, clock: World["clock"]): Promise<void> {
  await clock.advance(50);
  await starting;
}
