/** Requests under way while their engine is restarted, by way of the gateway (contract section 3). */
import { assertEquals } from "@std/assert";
import { createGateway } from "../../src/gateway/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { ScriptedNet } from "../support/scripted_net.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { ScriptedClient } from "../gateway/support/scripted_client.ts";
import { outcome, World } from "./world.ts";

const DRAIN_MS = 5_000;

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const END = "0\r\n\r\n";

/** A ready engine behind a gateway; a test plays the connections of its processes. */
class RestartBench {
  readonly net = new ScriptedNet();
  readonly world = new World({ drainMs: DRAIN_MS }, this.net);
  readonly #gateway = createGateway({
    supervisor: this.world.supervisor,
    boot: "0badcafe",
    clock: this.world.clock,
  });

  /** A GET that is on its way to the engine, and what becomes of it. */
  async ask() {
    const client = new ScriptedClient("GET /upstream/echo/ HTTP/1.1\r\nHost: h\r\n\r\n");
    const end = outcome(this.#gateway.forward(client));
    await settle();
    return { client, end };
  }

  /** The next connection to a process. */
  expectDial(): ScriptedStream {
    const stream = new ScriptedStream();
    this.net.add(stream);
    return stream;
  }

  async start(): Promise<void> {
    const starting = this.world.supervisor.start("echo");
    await this.world.clock.advance(1_000);
    await starting;
  }

  async shutdown(): Promise<void> {
    const closing = this.world.supervisor.shutdown();
    await this.world.clock.advance(10_000);
    await closing;
  }
}

Deno.test("an answer half out at a restart comes whole of the old process; what is asked meanwhile of the new one", async () => {
  const bench = new RestartBench();
  const { world } = bench;
  await bench.start();
  const old = bench.expectDial();
  const under = await bench.ask();
  old.send(HEAD + chunk("old "));
  await under.client.until("old ");
  const restarting = world.supervisor.restart("echo");
  const held = await bench.ask();
  await world.clock.advance(DRAIN_MS - 1);
  assertEquals([world.state, world.supervisor.view("echo").queued], ["draining", 2]);
  old.send(chunk("whole") + END);
  const fresh = bench.expectDial();
  await settle();
  await world.clock.advance(1_000);
  await restarting;
  fresh.send(HEAD + chunk("new") + END);
  await Promise.all([under.end, held.end]);
  assertEquals([under.client.outcome, held.client.outcome], ["whole", "whole"]);
  assertEquals(under.client.answer.endsWith(chunk("old ") + chunk("whole") + END), true);
  assertEquals(held.client.answer.endsWith("\r\n\r\n" + chunk("new") + END), true);
  assertEquals([world.machine.trees.length, bench.net.dials], [2, 2]);
  await bench.shutdown();
});

Deno.test("an answer that the drain limit finds half out is cut, and the new process is not asked", async () => {
  const bench = new RestartBench();
  const { world } = bench;
  await bench.start();
  const old = bench.expectDial();
  const under = await bench.ask();
  old.send(HEAD + chunk("old"));
  await under.client.until("old");
  world.machine.newest.onCut(() => old.end());
  const restarting = world.supervisor.restart("echo");
  await world.clock.advance(DRAIN_MS + 1_000);
  await restarting;
  assertEquals([await under.end, under.client.outcome], [undefined, "cut"]);
  assertEquals(under.client.answer.endsWith(chunk("old")), true);
  assertEquals([world.state, world.machine.trees.length, bench.net.dials], ["ready", 2, 1]);
  await bench.shutdown();
});

Deno.test("a GET without an answer at the drain limit gets a clear error; its second try can't reach the new process", async () => {
  const bench = new RestartBench();
  const { world } = bench;
  await bench.start();
  const kept = bench.expectDial();
  const warm = await bench.ask();
  kept.send(HEAD + END);
  await warm.end;
  const under = await bench.ask();
  // What was kept may have been closed unseen, so that a GET is tried again: that dial takes long.
  const second = Promise.withResolvers<ScriptedStream>();
  bench.net.add(second.promise);
  world.machine.newest.onCut(() => kept.end());
  const restarting = world.supervisor.restart("echo");
  await world.clock.advance(DRAIN_MS + 1_000);
  await restarting;
  const late = new ScriptedStream();
  late.send(HEAD + chunk("new") + END);
  second.resolve(late);
  await world.clock.advance(1_000);
  assertEquals([await under.end, under.client.answer], ["stopped_by_user", ""]);
  assertEquals([world.state, late.writtenText], ["ready", ""]);
  await bench.shutdown();
});
