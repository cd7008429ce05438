import { assertEquals } from "@std/assert";
import { interleave } from "../../tasks/bench/interleave.ts";
import { parseCpuMs } from "../../tasks/bench/proc_files.ts";

Deno.test("interleave() takes turns, and each round begins with another measure", async () => {
  const order: string[] = [];
  const measure = (name: string) => () => {
    order.push(name);
    return Promise.resolve([order.length]);
  };
  await interleave({ a: measure("a"), b: measure("b") }, { rounds: 3, warmUps: 0 });
  assertEquals(order.join(""), "abbaab");
});

Deno.test("interleave() leaves out the warm-ups and keeps all samples of the rounds", async () => {
  let round = 0;
  const many = () => Promise.resolve([round, round++]);
  const samples = await interleave(
    { many, none: () => Promise.resolve([]) },
    { rounds: 2, warmUps: 1 },
  );
  assertEquals(samples, { many: [1, 1, 2, 2], none: [] });
});

Deno.test("parseCpuMs() adds user and system time, whatever the process is called", () => {
  const line = "42 (a) b (c)) S 1 42 42 0 -1 4194304 90 80 70 60 12 34 56 78 20 0 1 0 99 1 2";
  assertEquals(parseCpuMs(line), 460);
});
