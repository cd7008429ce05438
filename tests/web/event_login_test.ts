import { assertEquals } from "@std/assert";
import { Tokens } from "../../src/access/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { EventReader } from "./support/read_events.ts";
import { CONTROL, WebWorld } from "./support/web_world.ts";

const OLD = "a".repeat(40);
const NEW = "b".repeat(40);

const tokensOf = (token: string) => Tokens.of([{ role: "admin", token }], hmacSha256);

Deno.test("a token that goes bad ends the streams that were opened with it, not others", async () => {
  const tokens = await tokensOf(OLD);
  const world = new WebWorld(["echo"], { tokens });
  const headers = { authorization: `Bearer ${OLD}` };
  const reader = new EventReader(await world.ask("/api/events", { headers }));
  const local = new EventReader(await world.ask("/api/events", { listener: CONTROL }));
  await reader.next();
  await local.next();
  tokens.become(await tokensOf(NEW));
  world.supervisor.ready("echo");
  assertEquals((await reader.next()).map(({ type, data }) => [type, data]), [
    ["bye", { reason: "unauthorized" }],
  ]);
  assertEquals(await reader.piece(), null);
  assertEquals(await local.names(), ["state b0.1"]);
  await local.cancel();
  assertEquals(world.events.subscribers, 0);
});

Deno.test("a stream on which nothing happens ends at its next comment", async () => {
  const tokens = await tokensOf(OLD);
  const world = new WebWorld(["echo"], { tokens });
  const headers = { authorization: `Bearer ${OLD}` };
  const reader = new EventReader(await world.ask("/api/events", { headers }));
  await reader.next();
  const piece = reader.names();
  await settle();
  tokens.become(await tokensOf(NEW));
  await world.clock.advance(15_000);
  assertEquals(await piece, ["bye"]);
});
