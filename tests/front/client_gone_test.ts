import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ClientExchange } from "../../src/gateway/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get, post } from "./support/front_world.ts";
import { AcceptedScript } from "./support/scripted_listener.ts";

/** The ways in which a client leaves. */
const WAYS: Readonly<Record<string, (stream: AcceptedScript) => void>> = {
  "end-of-file": (stream) => stream.end(),
  "a reset": (stream) => stream.breakReads(new Error("reset")),
};

for (const [way, leave] of Object.entries(WAYS)) {
  Deno.test(`${way} before the answer aborts the signal, once, and closes`, async () => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { ask, end, faults } = new FrontWorld({
      ours(request, { signal }) {
        signal.addEventListener("abort", () => log.push("signal"));
        request.signal.addEventListener("abort", () => log.push("request"));
        return promise;
      },
    });
    const stream = await ask(get());
    assertEquals(log, []);
    leave(stream);
    await settle();
    assertEquals(log.toSorted(), ["request", "signal"]);
    assert(stream.isClosed);
    resolve(new Response("late"));
    await settle();
    assertEquals(stream.writtenText, "");
    assertEquals(faults, []);
    await end();
  });

  Deno.test(`${way} in the middle of a body aborts the signal and fails the reading`, async () => {
    const log: string[] = [];
    const { ask, end } = new FrontWorld({
      async ours(request, { signal }) {
        signal.addEventListener("abort", () => log.push("signal"));
        await assertRejects(() => request.text());
        log.push("unread");
        return new Response("late");
      },
    });
    const stream = await ask(post("/", "body").slice(0, -1));
    assertEquals(log, []);
    leave(stream);
    await settle();
    assertEquals(log, ["signal", "unread"]);
    assertEquals(stream.writtenText, "");
    assert(stream.isClosed);
    await end();
  });

  Deno.test(`${way} while an answer streams aborts the signal and calls the body off`, async () => {
    const log: string[] = [];
    const { ask, end, faults } = new FrontWorld({
      ours(_, { signal }) {
        signal.addEventListener("abort", () => log.push("signal"));
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
          cancel: () => void log.push("cancel"),
        });
        return Promise.resolve(new Response(body));
      },
    });
    const stream = await ask(get());
    assertMatch(stream.writtenText, /first\r\n$/);
    leave(stream);
    await settle();
    assertEquals(log, ["signal", "cancel"]);
    assert(stream.isClosed);
    assertEquals(faults, []);
    await end();
  });

  Deno.test(`${way} while a write waits aborts the signal`, async () => {
    const log: string[] = [];
    const { connect, send, end } = new FrontWorld({
      ours(_, { signal }) {
        signal.addEventListener("abort", () => log.push("signal"));
        return Promise.resolve(new Response("x".repeat(1_000_000)));
      },
    });
    const stream = await connect(new AcceptedScript({ room: 1_000 }));
    await send(stream, get());
    assertEquals(log, []);
    leave(stream);
    await settle();
    assertEquals(log, ["signal"]);
    await end();
  });

  Deno.test(`${way} after the answer aborts nothing`, async () => {
    const signals: AbortSignal[] = [];
    const { ask, end } = new FrontWorld({
      ours(request, { signal }) {
        signals.push(signal, request.signal);
        return Promise.resolve(new Response("hello"));
      },
    });
    const stream = await ask(get());
    leave(stream);
    await settle();
    assert(stream.isClosed);
    assertEquals(signals.map((signal) => signal.aborted), [false, false]);
    await end();
  });

  Deno.test(`${way} tells a gateway by the last callback that it set`, async () => {
    const log: string[] = [];
    let exchange: ClientExchange | undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const { ask, end, faults } = new FrontWorld({
      forward(it) {
        exchange = it;
        it.onGone(() => log.push("first"));
        it.onGone(() => log.push("last"));
        return promise;
      },
    });
    const stream = await ask(get("/upstream/x"));
    leave(stream);
    await settle();
    assertEquals(log, ["last"]);
    exchange?.onGone(() => log.push("late"));
    assertEquals(log, ["last", "late"], "one set too late is called at once");
    resolve();
    await settle();
    assert(stream.isClosed);
    assertEquals(faults, []);
    await end();
  });
}

Deno.test("a failed write aborts the signal", async () => {
  const log: string[] = [];
  const { connect, send, end } = new FrontWorld({
    ours(_, { signal }) {
      signal.addEventListener("abort", () => log.push("signal"));
      return Promise.resolve(new Response("hello"));
    },
  });
  const stream = await connect();
  stream.breakWrites(new Error("broken pipe"));
  await send(stream, get());
  assertEquals(log, ["signal"]);
  assert(stream.isClosed);
  await end();
});

Deno.test("a client that leaves before or within a head is let go without an answer", async () => {
  for (const text of ["", "GET / HT"]) {
    const { ask, end } = new FrontWorld();
    const stream = await ask(text);
    stream.end();
    await settle();
    assert(stream.isClosed);
    assertEquals(stream.writtenText, "");
    await end();
  }
});

Deno.test("an app that answers early does not lose a client that still sends", async () => {
  const signals: AbortSignal[] = [];
  const { ask, send, end } = new FrontWorld({
    ours(_, { signal }) {
      signals.push(signal);
      return Promise.resolve(new Response("early"));
    },
  });
  const stream = await ask(post("/", "x".repeat(1_000)).slice(0, -500));
  assertMatch(stream.writtenText, /early$/);
  await send(stream, "x".repeat(500) + get());
  assertEquals(stream.writes, 2);
  assertEquals(signals.map((signal) => signal.aborted), [false, false]);
  await end();
});

Deno.test("a body that fails is no client that left", async () => {
  const signals: AbortSignal[] = [];
  const { ask, end, faults } = new FrontWorld({
    ours(_, { signal }) {
      signals.push(signal);
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await settle();
          controller.error(new Error("broken"));
        },
      });
      return Promise.resolve(new Response(body));
    },
  });
  const stream = await ask(get());
  await settle();
  await settle();
  assert(stream.isClosed);
  assertEquals(signals.map((signal) => signal.aborted), [false]);
  assertEquals(faults.length, 1);
  await end();
});

Deno.test("an answer that is left unread is cut; one that is out is not", async () => {
  const cuts: (() => void)[] = [];
  let isCalledOff = false;
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
      cancel: () => void (isCalledOff = true),
    });
  const { ask, send, end, faults } = new FrontWorld({
    ours(request, { cut }) {
      cuts.push(cut);
      const isWhole = new URL(request.url).pathname === "/whole";
      return Promise.resolve(new Response(isWhole ? "whole" : body()));
    },
  });
  const stream = await ask(get("/whole"));
  cuts[0]?.();
  assert(!stream.isClosed);
  await send(stream, get("/stream"));
  cuts[0]?.();
  assert(!stream.isClosed, "it belongs to another answer by now");
  cuts[1]?.();
  await settle();
  assert(stream.isClosed && isCalledOff);
  assertEquals(faults, []);
  await end();
});
