import { assert, assertEquals } from "@std/assert";
import { descriptorLimit, parseLimits } from "../../src/platform/descriptor_limit.ts";

const TABLE = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95861                95861                processes
Max open files            64                   4096                 files
`;

Deno.test("the soft limit is read out of the table of limits", () => {
  assertEquals(parseLimits(TABLE), 64);
  assertEquals(parseLimits(TABLE.replace("64  ", "unlimited")), Infinity);
  assertEquals(parseLimits("no table"), Infinity);
});

Deno.test("the limit of this process is known", () => {
  assert(descriptorLimit() > 16);
});
