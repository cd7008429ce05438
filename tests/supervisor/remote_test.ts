/** Engines elsewhere, in a world of fakes: what answers there are the fake machine's processes. */
import { assertEquals } from "@std/assert";
import { ENGINE_DEFAULTS } from "../../src/config/mod.ts";
import { AiEngineError, ConnectError } from "../../src/core/mod.ts";
import { EventBus } from "../../src/events/mod.ts";
import type { InstancePool } from "../../src/pool/mod.ts";
import { type EngineLease, Supervisor } from "../../src/supervisor/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeMachine } from "../support/fake_engine.ts";
import { fakePorts } from "./support/fake_ports.ts";
import { outcome } from "./world.ts";

/** Servers by their ports: the status of their health, `null` = down. */
type Servers = Record<number, number | null>;

class Far {
  readonly clock = new FakeClock();
  /** Ports as they were probed. */
  readonly probes: number[] = [];
  readonly supervisor: Supervisor;
  /** What became of asks. */
  readonly log: string[] = [];

  constructor(servers: Servers) {
    const [first = 0, ...more] = Object.keys(servers).map(Number);
    const at = (port: number) => ({ url: `http://far:${port}`, weight: 1 });
    this.supervisor = new Supervisor({
      engines: [{
        ...ENGINE_DEFAULTS,
        name: "far",
        kind: "remote",
        command: ["http://far"],
        idleTimeoutMs: -1,
        replicas: { min: more.length + 1, max: null },
        remote: { servers: [at(first), ...more.map(at)], headers: {}, ca: null },
      }],
      socketOf: () => "",
      boot: "b007",
      events: new EventBus({ boot: "b007" }),
      ports: {
        ...fakePorts(this.clock, new FakeMachine(this.clock)),
        connect: (address) => this.#connect(address.kind === "tcp" ? address.port : 0, servers),
      },
    });
  }

  #connect(port: number, servers: Servers): InstancePool {
    return {
      request: () => {
        this.probes.push(port);
        const status = servers[port] ?? null;
        if (status === null) return Promise.reject(down());
        return Promise.resolve({ status, fields: [], body: new Uint8Array() });
      },
      lease: () => Promise.reject(new TypeError("nobody sends anything here")),
      close: () => {},
    };
  }

  /** Asks for a lease; gives the way to end the request. */
  ask(): () => Promise<void> {
    let lease: EngineLease | undefined;
    (async () => await this.supervisor.lease("far"))().then((granted) => {
      lease = granted;
      this.log.push("got it");
    }, (error) => this.log.push(error instanceof AiEngineError ? error.code : String(error)));
    return async () => {
      lease?.release();
      await settle();
    };
  }

  get state(): string {
    return this.supervisor.view("far").state;
  }

  async close(): Promise<void> {
    await this.supervisor.shutdown();
    assertEquals([this.state, this.clock.timers], ["stopped", 0]);
  }
}

function down(): ConnectError {
  return new ConnectError("upstream_failed", "before_send", { detail: "Down.", remedy: "Wait." });
}

Deno.test("a server elsewhere is probed at once and then every five seconds or so", async () => {
  const far = new Far({ 1: 200 });
  await settle();
  assertEquals(far.state, "ready");
  await far.clock.advance(60_000);
  assertEquals(far.probes.length, 13);
  await far.close();
});

Deno.test("one miss is none, two are; the next answer brings it back", async () => {
  const servers: Servers = { 1: 200 };
  const far = new Far(servers);
  await settle();
  servers[1] = 503;
  await far.clock.advance(5_000);
  assertEquals(far.state, "ready");
  await far.clock.advance(5_000);
  assertEquals(far.state, "failed");
  assertEquals(far.supervisor.view("far").lastError?.code, "health_failed");
  far.ask();
  await settle();
  assertEquals(far.log, ["health_failed"]);
  servers[1] = 200;
  await far.clock.advance(5_000);
  assertEquals(far.state, "ready");
  assertEquals(far.supervisor.view("far").lastError, null);
  await far.close();
});

Deno.test("of several the ones that answer serve; who is first asked waits for a probe, not for all", async () => {
  const far = new Far({ 1: null, 2: 200 });
  const asked = far.ask();
  await settle();
  assertEquals(far.log, ["got it"]);
  const { instances = [] } = far.supervisor.view("far");
  assertEquals(instances.map(({ state }) => state), ["failed", "ready"]);
  await asked();
  await far.close();
});

Deno.test("it is neither started nor stopped, and never idle", async () => {
  const far = new Far({ 1: 200 });
  await settle();
  assertEquals(await outcome(far.supervisor.start("far")), "not_managed");
  assertEquals(await outcome(far.supervisor.stop("far")), "not_managed");
  assertEquals(await outcome(far.supervisor.restart("far")), "not_managed");
  await far.clock.advance(3_600_000);
  assertEquals(far.state, "ready");
  await far.close();
});

for (const [how, endsAt] of [["end in time", 1_000], ["do not end", null]] as const) {
  Deno.test(`a close waits for its requests; they ${how}`, async () => {
    const far = new Far({ 1: 200 });
    await settle();
    const asked = far.ask();
    await settle();
    let isClosed = false;
    const closing = far.supervisor.shutdown().then(() => isClosed = true);
    await far.clock.advance(999);
    assertEquals(isClosed, false);
    if (endsAt !== null) await asked();
    await far.clock.advance(endsAt === null ? 2_502 : 0);
    await settle();
    assertEquals(isClosed, true);
    await closing;
    assertEquals(far.clock.timers, 0);
  });
}
