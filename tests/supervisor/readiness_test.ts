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
