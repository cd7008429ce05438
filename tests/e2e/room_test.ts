/** Engines that do not all fit, and engines with replicas, through the whole program. */
import { assert, assertEquals } from "@std/assert";
import { viewOf } from "./support/harness.ts";
import { chat, said, v1Test } from "./support/v1.ts";

v1Test(
  "two engines that only one may have the card for take turns, and each request is served",
  `
swap: {minStay: 100ms, maxWait: 1s}
engines:
  one: {command: ["\${speaks}"], exclusive: gpu0}
  two: {command: ["\${speaks}"], exclusive: gpu0}
`,
  async (program) => {
    for (const model of ["one", "two", "one", "two"]) {
      assertEquals(said(await chat(program, model)), "You said: hello");
      const states = [];
      for (const name of ["one", "two"]) states.push((await viewOf(program, name)).state);
      assertEquals(states.filter((state) => state === "ready").length, 1, states.join());
    }
    assertEquals((await viewOf(program, "one")).reason, "evicted");
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, i) => chat(program, i % 2 === 0 ? "one" : "two")),
    );
    assertEquals(many.map(said), Array(20).fill("You said: hello"));
  },
);

v1Test(
  "an engine that can never fit the budget is refused with the figures, the others serve",
  `
budget: {memory: 1GiB}
engines:
  small: {command: ["\${speaks}"], size: {memory: 512MiB}}
  large: {command: ["\${speaks}"], size: {memory: 2GiB}}
`,
  async (program) => {
    const { status, body } = await chat(program, "large");
    assertEquals([status, body.error.code], [503, "over_budget"]);
    assert(body.error.message.includes("2.00 GiB"), body.error.message);
    assertEquals(said(await chat(program, "small")), "You said: hello");
  },
);

v1Test(
  "an engine with replicas: both serve, and one that is killed is replaced meanwhile",
  `
engines:
  pair: {command: ["\${speaks}"], replicas: 2, idleTimeout: -1}
`,
  async (program) => {
    assertEquals(said(await chat(program, "pair")), "You said: hello");
    const pids = new Set<number>();
    for (let tries = 0; pids.size < 2 && tries < 200; tries++) {
      const { instances } = (await program.json("/api/engines/pair")).body;
      for (const { pid, state } of instances) if (state === "ready") pids.add(pid);
      await chat(program, "pair");
    }
    const [first] = pids;
    assert(first !== undefined && pids.size === 2);
    Deno.kill(first, "SIGKILL");
    for (let i = 0; i < 20; i++) {
      const answer = await chat(program, "pair");
      // One request may have been on its way to the one that died.
      assert(answer.status === 200 || answer.body.error.code === "crashed", said(answer));
    }
  },
);
