import { assert, assertEquals } from "@std/assert";
import { descriptorLimit, parseLimits, threadLimit } from "../../src/platform/process_limits.ts";

const TABLE = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95861                95861                processes
Max open files            64                   4096                 files
`;

Deno.test("the soft limit is read out of the table of limits", () => {
  assertEquals(parseLimits(TABLE, "files"), 64);
  assertEquals(parseLimits(TABLE, "processes"), 95_861);
  assertEquals(parseLimits(TABLE.replace("64  ", "unlimited"), "files"), Infinity);
  assertEquals(parseLimits("no table", "processes"), Infinity);
});

Deno.test("the limits of this process are known", () => {
  assert(descriptorLimit() > 16);
  assert(threadLimit() > 16);
});
