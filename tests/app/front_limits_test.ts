import { assertEquals } from "@std/assert";
import { CLIENT_LIMIT_DEFAULTS } from "../../src/config/mod.ts";
import { DEFAULT_FRONT_LIMITS } from "../../src/front/front_limits.ts";

Deno.test("the limits that front has by itself are those of the settings", () => {
  const { lingerMs: _, ...limits } = DEFAULT_FRONT_LIMITS;
  assertEquals<unknown>(limits, CLIENT_LIMIT_DEFAULTS);
});
