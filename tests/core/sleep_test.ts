import { assertEquals } from "@std/assert";
import { sleep } from "../../src/core/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A signal that can be asked how many listen to it. */
function countedSignal() {
  const abort = new AbortController();
  const { signal } = abort;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener, options: unknown) => {
    listeners++;
    const once = (event: Event) => {
      listeners--;
      listener(event);
    };
    wrapped.set(listener, once);
    add(type, once, options as AddEventListenerOptions);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    const once = wrapped.get(listener);
    if (once === undefined) return;
    listeners--;
    remove(type, once);
  };
  const wrapped = new Map<EventListener, EventListener>();
  return { abort, signal, listeners: () => listeners };
}

/** What became of `promise` so far. */
function watch(promise: Promise<void>): { readonly isDone: boolean } {
  const state = { isDone: false };
  promise.then(() => state.isDone = true, () => state.isDone = true);
  return state;
}

Deno.test("sleep() ends when its time is over, not before, and leaves nothing behind", async () => {
  const clock = new FakeClock();
  const { signal, listeners } = countedSignal();
  const slept = watch(sleep(clock, 100, signal));
  assertEquals(listeners(), 1);
  await clock.advance(99);
  assertEquals(slept.isDone, false);
  await clock.advance(1);
  assertEquals(slept.isDone, true);
  assertEquals([clock.timers, listeners()], [0, 0]);
});

Deno.test("sleep() ends at once when its signal fires, and leaves nothing behind", async () => {
  const clock = new FakeClock();
  const { abort, signal, listeners } = countedSignal();
  const slept = watch(sleep(clock, 100, signal));
  abort.abort();
  await settle();
  assertEquals(slept.isDone, true);
  assertEquals([clock.timers, listeners()], [0, 0]);
});

Deno.test("sleep() does not begin when its signal has fired before", async () => {
  const clock = new FakeClock();
  const { abort, signal, listeners } = countedSignal();
  abort.abort();
  await sleep(clock, 100, signal);
  assertEquals([clock.timers, listeners()], [0, 0]);
});

Deno.test("sleep() without a signal ends when its time is over", async () => {
  const clock = new FakeClock();
  const slept = watch(sleep(clock, 5));
  await clock.advance(5);
  assertEquals(slept.isDone, true);
});
