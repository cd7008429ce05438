/** Handshakes that a test plays, on a clock that stands still. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get } from "./support/front_world.ts";
import { AcceptedScript } from "./support/scripted_listener.ts";

/** A client that has to agree on TLS first. */
class Shaking extends AcceptedScript {
  readonly #shaken = Promise.withResolvers<void>();
  isCut = false;

  handshake(): Promise<void> {
    return this.#shaken.promise;
  }

  shake(): Promise<void> {
    this.#shaken.resolve();
    return settle();
  }

  fail(): Promise<void> {
    this.#shaken.reject(new Error("garbage"));
    return settle();
  }

  cut(): void {
    this.isCut = true;
    this.#shaken.reject(new Error("cut"));
  }
}

Deno.test("nothing is read of a client before it has agreed on TLS; then it is served", async () => {
  const { connect, send, front, end } = new FrontWorld();
  const client = new Shaking();
  await connect(client);
  await send(client, get());
  assertEquals([client.writtenText, front.openConnections], ["", 0]);
  await client.shake();
  assertMatch(client.writtenText, /hello$/);
  assertEquals(front.openConnections, 1);
  await end();
});

Deno.test("a handshake that never comes is cut after 10 s, one that fails is closed at once", async () => {
  const { connect, clock, front, end, faults } = new FrontWorld();
  const [silent, wrong] = [new Shaking(), new Shaking()];
  await connect(silent);
  await connect(wrong);
  await wrong.fail();
  assert(wrong.isClosed && !wrong.isCut);
  await clock.advance(9_000);
  assert(!silent.isClosed);
  await clock.advance(1_100);
  assert(silent.isCut && silent.isClosed);
  assertEquals([front.openConnections, faults], [0, []]);
  await end();
});

Deno.test("who still shakes hands takes no place of who has; together they are bounded", async () => {
  const { connect, front, end } = new FrontWorld({ maxConnections: 1 });
  const waiting = Array.from({ length: 300 }, () => new Shaking());
  for (const client of waiting) await connect(client);
  const closed = waiting.filter(({ isClosed }) => isClosed);
  assertEquals(closed.length, 300 - (1 + 256));
  assertEquals(front.bounds()[0]?.refused, closed.length);
  await waiting[0]?.shake();
  assertEquals(front.openConnections, 1);
  // Beyond the limit they are told, as they are without TLS.
  await waiting[1]?.shake();
  assertMatch(waiting[1]?.writtenText ?? "", /^HTTP\/1\.1 503 /);
  await end();
  assert(waiting.every(({ isClosed }) => isClosed));
});

Deno.test("what is over before its answer is whole is cut; a whole answer's connection is closed", async () => {
  const { connect, send, end } = new FrontWorld({
    forward(exchange) {
      exchange.cut();
      return Promise.resolve();
    },
  });
  const [half, whole] = [new Shaking(), new Shaking()];
  for (const [client, target] of [[half, "/upstream/x"], [whole, "/"]] as const) {
    await client.shake();
    await connect(client);
    await send(client, get(target, "Connection: close"));
    assert(client.isClosed);
  }
  assertEquals([half.isCut, whole.isCut], [true, false]);
  await end();
});
