/** What one engine does is felt by no other. */
import { assertEquals } from "@std/assert";
import type { EngineSettings } from "../../src/config/mod.ts";
import { Dice } from "../../tasks/soak/dice.ts";
import { ScriptedClient } from "../gateway/support/scripted_client.ts";
import { House } from "./support/house.ts";
import { settingsOf } from "./support/plan.ts";
import { goodTemper, type Temper } from "./support/temper.ts";

/** A process that takes no time for anything and has no fault. */
const QUICK: Temper = {
  ...goodTemper(new Dice(1)),
  bindMs: 0,
  warmMs: 0,
  cold: "refuses",
  busy: false,
  exitMs: 0,
  workMs: 0,
  wireMs: 0,
  status: 200,
  stop: "exits",
};

function newHouse(
  engines: readonly Partial<EngineSettings>[],
  temper: (engine: string) => Partial<Temper>,
): House {
  const names = ["ant", "bee"];
  return new House({
    engines: engines.map((one, index) => ({ ...settingsOf(names[index] ?? ""), ...one })),
    draw: (engine) => ({ ...QUICK, ...temper(engine) }),
    onSpawn: () => {},
    publish: () => {},
    fault: (text) => {
      throw new Error(text);
    },
    fraction: () => 0.5,
  });
}

/** A request through the gateway; tells when it was answered. */
async function ask({ gateway, clock }: House, engine: string): Promise<number> {
  const text = `GET /upstream/${engine}/ HTTP/1.1\r\nHost: there\r\n\r\n`;
  const client = new ScriptedClient(text);
  await gateway.forward(client);
  assertEquals(client.outcome, "whole");
  return clock.now();
}

Deno.test("while one engine takes 10 s to die, requests to another are served at once, also by its start", async () => {
  const slow = { graceMs: 5_000, drainMs: 0 };
  using house = newHouse([slow, { idleTimeoutMs: 500 }], (engine) =>
    // Stays until SIGKILL, and what descends from it holds the pipes.
    engine === "ant" ? { stop: "ignored", term: "ignored", family: "holds_pipes" } : {});
  const { clock, supervisor } = house;
  const started = Promise.all([supervisor.start("ant"), supervisor.start("bee")]);
  await house.advance(10);
  await started;
  const begun = clock.now();
  const stopped = supervisor.stop("ant").then(() => clock.now() - begun);
  for (let times = 0; times < 16; times++) {
    const at = clock.now();
    const asked = ask(house, "bee");
    await house.advance(0);
    assertEquals(await asked - at, 0);
    // Every other time it is stopped by then for being idle, and has to be started.
    await house.advance(times % 2 === 0 ? 300 : 900);
  }
  const restarts = supervisor.view("bee").restarts;
  assertEquals([supervisor.view("ant").state, restarts], ["stopping", 7]);
  await house.advance(1_000);
  const tookMs = await stopped;
  assertEquals(tookMs >= 10_000 && tookMs < 10_300, true, `the stop took ${tookMs} ms`);
});

Deno.test("what holds the pipes of an engine that exits delays its next start by 0.3 s at most", async () => {
  using house = newHouse([{}], () => ({ family: "holds_pipes" }));
  const first = ask(house, "ant");
  await house.advance(10);
  await first;
  house.machine.processes.at(-1)?.exit(0);
  await house.advance(0);
  const begun = house.clock.now();
  const second = ask(house, "ant");
  await house.advance(1_000);
  const takenMs = await second - begun;
  assertEquals(takenMs < 300, true, `it took ${takenMs} ms`);
});
