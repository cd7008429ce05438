/** Finding out when an engine is ready, on a client that a test plays. */
import { assertEquals } from "@std/assert";
import { ConnectError } from "../../src/core/mod.ts";
import { waitUntilReady } from "../../src/supervisor/readiness.ts";
import { FakeClock } from "../support/fake_clock.ts";

const WORDS = { detail: "None left.", remedy: "Wait." };
const LACK = new ConnectError("too_many_connections", "before_send", WORDS);
const REFUSED = new ConnectError("upstream_failed", "before_send", WORDS);
const OK = { status: 200, fields: [], body: new Uint8Array(0) };

Deno.test("a lack of descriptors while health is asked for is told once, and waited out", async () => {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const answers = [REFUSED, LACK, LACK, REFUSED, LACK];
  const ready = waitUntilReady({
    client: {
      request() {
        const error = answers.shift();
        return error === undefined ? Promise.resolve(OK) : Promise.reject(error);
      },
      close() {},
    },
    clock,
    healthPath: "/health",
    isThere: () => Promise.resolve(true),
    signal: new AbortController().signal,
    onNotYet: () => told.push("not yet"),
    onLack: (error) => told.push(error),
  });
  await clock.advance(1_000);
  assertEquals([await ready, told, clock.timers], ["ready", [LACK], 0]);
});

Deno.test("where changes are told it is looked at once after one, and now and then; else every millisecond", async () => {
  for (const isTold of [true, false]) {
    const clock = new FakeClock();
    const looks: number[] = [];
    let isThere = false;
    let listener: (() => void) | undefined;
    const ready = waitUntilReady({
      client: { request: () => Promise.resolve(OK), close() {} },
      clock,
      healthPath: "/health",
      isThere: () => {
        looks.push(clock.now());
        return Promise.resolve(isThere);
      },
      onChange: (tell) => {
        if (!isTold) return null;
        listener = tell;
        return () => listener = undefined;
      },
      signal: new AbortController().signal,
      onNotYet: () => {},
      onLack: () => {},
    });
    await clock.advance(60);
    assertEquals(looks.slice(0, 3), isTold ? [0, 25, 50] : [0, 1, 2]);
    isThere = true;
    if (isTold) listener?.();
    else await clock.advance(1);
    assertEquals([await ready, listener, clock.timers], ["ready", undefined, 0]);
    assertEquals(looks.at(-1), isTold ? 60 : 61);
  }
});
