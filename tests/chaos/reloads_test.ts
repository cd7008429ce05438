import { assertEquals } from "@std/assert";
import { TROUPE } from "../../tasks/chaos/cast.ts";
import { changesOf } from "../../tasks/chaos/reloads.ts";

const ALL = TROUPE.roles;
const FEW = ALL.filter(({ name }) => name !== "guest");
const names = (roles: typeof ALL) => roles.map(({ name }) => name);
const NONE = { added: [], removed: [], changed: [], replaced: [] };

Deno.test("changesOf() says who comes and who goes", () => {
  assertEquals(changesOf(ALL, FEW, false), {
    ...NONE,
    removed: ["guest"],
    unchanged: names(FEW),
  });
  assertEquals(changesOf(FEW, ALL, false), { ...NONE, added: ["guest"], unchanged: names(FEW) });
});

Deno.test("changesOf() says that one is renewed and nobody else", () => {
  assertEquals(changesOf(ALL, ALL, true), {
    ...NONE,
    replaced: ["renewed"],
    unchanged: names(ALL.filter(({ name }) => name !== "renewed")),
  });
  assertEquals(changesOf(ALL, ALL, false), { ...NONE, unchanged: names(ALL) });
});
