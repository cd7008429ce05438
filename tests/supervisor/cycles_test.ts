/** What 10,000 starts and stops leave behind: nothing. */
import { assert, assertEquals } from "@std/assert";
import type { Left } from "./support/cycles.ts";

/** Of caches that fill up; the smallest thing lost with every cycle would be more. */
const GROWTH_BYTES = 512 * 1024;

Deno.test("10,000 starts and stops, some of them crashes, leave no timer and no memory behind", async () => {
  const script = new URL("./support/cycles.ts", import.meta.url).pathname;
  const args = ["run", "-A", "-q", "--v8-flags=--expose-gc", script, "2000", "10000"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  const [warm, end] = JSON.parse(new TextDecoder().decode(stdout)) as readonly Left[];
  assert(warm !== undefined && end !== undefined);
  assertEquals([warm.cycles, end.cycles, end.timers], [2_000, 10_000, 0]);
  const growth = end.heapBytes - warm.heapBytes;
  assert(growth < GROWTH_BYTES, `the heap grew by ${growth} bytes`);
});
