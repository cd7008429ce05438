import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Budget,
  type Claim,
  neverFits,
  planRoom,
  type Tenant,
  type Use,
} from "../../src/supervisor/room_plan.ts";

const GIB = 2 ** 30;

function tenant(name: string, gib: number, use: Use, ...exclusive: string[]): Tenant {
  return { name, size: { memoryBytes: gib * GIB, vramBytes: 0 }, exclusive, use };
}

const idle = (lastUsedAt: number, stoppableAt = 0): Use => ({
  kind: "idle",
  lastUsedAt,
  stoppableAt,
});
const USED: Use = { kind: "used" };

function plan(gib: number, tenants: readonly Tenant[], ...exclusive: string[]) {
  const claim = { size: { memoryBytes: gib * GIB, vramBytes: 0 }, exclusive };
  const budget = { memoryBytes: 10 * GIB, vramBytes: null };
  return planRoom(claim, { tenants, budget, now: 100 });
}

Deno.test("what fits may start, to the last byte", () => {
  assertEquals(plan(4, [tenant("a", 6, USED)]), { kind: "fits" });
  assertEquals(plan(5, [tenant("a", 6, USED)]).kind, "wait");
});

Deno.test("the least recently used go first, and no more of them than it takes", () => {
  const tenants = [
    tenant("new", 3, idle(90)),
    tenant("old", 3, idle(10)),
    tenant("middle", 3, idle(50)),
  ];
  assertEquals(plan(4, tenants), { kind: "stop", names: ["old"] });
  assertEquals(plan(7, tenants), { kind: "stop", names: ["old", "middle"] });
});

Deno.test("one that is not in the way stays, though it was used longest ago", () => {
  const tenants = [tenant("small", 1, idle(10)), tenant("large", 8, idle(50))];
  assertEquals(plan(9, tenants), { kind: "stop", names: ["large"] });
});

Deno.test("one that is used or pinned is never stopped; it is told who is in the way", () => {
  assertEquals(plan(5, [tenant("a", 6, USED)]), { kind: "wait", inTheWay: ["a"], until: null });
  assertEquals(plan(5, [tenant("a", 6, { kind: "pinned" })]), {
    kind: "wait",
    inTheWay: [],
    until: null,
  });
  assertEquals(plan(5, [tenant("a", 6, USED), tenant("b", 3, idle(1))]).kind, "wait");
});

Deno.test("one that has just become ready stays its time", () => {
  assertEquals(plan(5, [tenant("a", 6, idle(1, 5_000))]), {
    kind: "wait",
    inTheWay: ["a"],
    until: 5_000,
  });
});

Deno.test("who is leaving is waited for, and nobody else is stopped for what comes free", () => {
  const tenants = [tenant("a", 6, { kind: "leaving" }), tenant("b", 3, idle(1))];
  assertEquals(plan(5, tenants), { kind: "wait", inTheWay: [], until: null });
});

Deno.test("of engines that name the same thing only one runs, whatever room there is", () => {
  assertEquals(plan(1, [tenant("a", 1, idle(1), "gpu0")], "gpu0"), { kind: "stop", names: ["a"] });
  assertEquals(plan(1, [tenant("a", 1, USED, "gpu0")], "gpu0"), {
    kind: "wait",
    inTheWay: ["a"],
    until: null,
  });
  assertEquals(plan(1, [tenant("a", 1, USED, "gpu1")], "gpu0"), { kind: "fits" });
  const both = [tenant("a", 1, USED, "gpu1", "port"), tenant("b", 1, idle(1), "gpu0")];
  assertEquals(plan(1, both, "gpu0", "other"), { kind: "stop", names: ["b"] });
});

const use: fc.Arbitrary<Use> = fc.oneof(
  fc.record({
    kind: fc.constant("idle" as const),
    lastUsedAt: fc.nat(200),
    stoppableAt: fc.nat(200),
  }),
  fc.constantFrom<Use>({ kind: "used" }, { kind: "pinned" }, { kind: "leaving" }),
);
const claim = fc.record({
  size: fc.record({ memoryBytes: fc.nat(8), vramBytes: fc.nat(8) }),
  exclusive: fc.subarray(["x", "y", "z"]),
});
const someTenants = fc.array(fc.tuple(claim, use), { maxLength: 6 }).map((all) =>
  all.map(([claim, use], i): Tenant => ({ ...claim, use, name: `t${i}` }))
);
const limit = fc.option(fc.nat(16), { nil: null });
const budget = fc.record({ memoryBytes: limit, vramBytes: limit });

/** Whether `claim` fits beside `others`, said in another way than the code does. */
function fits(claim: Claim, others: readonly Claim[], { memoryBytes, vramBytes }: Budget): boolean {
  const all = [claim, ...others];
  const total = (pick: (one: Claim) => number) => all.map(pick).reduce((a, b) => a + b, 0);
  const isAlone = claim.exclusive.every((one) =>
    all.filter(({ exclusive }) => exclusive.includes(one)).length === 1
  );
  return isAlone &&
    (memoryBytes === null || total(({ size }) => size.memoryBytes) <= memoryBytes) &&
    (vramBytes === null || total(({ size }) => size.vramBytes) <= vramBytes);
}

Deno.test("planRoom() stops only idle ones whose time has come, never one too many, and then there is room", () => {
  fc.assert(
    fc.property(claim, someTenants, budget, (claim, tenants, budget) => {
      const plan = planRoom(claim, { tenants, budget, now: 100 });
      assertEquals(plan.kind === "fits", fits(claim, tenants, budget));
      if (plan.kind !== "stop") return;
      const going = tenants.filter(({ name }) => plan.names.includes(name));
      assert(going.length > 0);
      for (const { use } of going) assert(use.kind === "idle" && use.stoppableAt <= 100);
      const staying = tenants.filter((one) => !going.includes(one) && one.use.kind !== "leaving");
      assert(fits(claim, staying, budget));
      for (const one of going) assert(!fits(claim, [...staying, one], budget));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("planRoom() waits for nothing that can't come: only when it never fits, or for pinned ones", () => {
  fc.assert(
    fc.property(claim, someTenants, budget, (claim, tenants, budget) => {
      const plan = planRoom(claim, { tenants, budget, now: 100 });
      if (plan.kind !== "wait" || plan.inTheWay.length > 0) return;
      const pinned = tenants.filter(({ use }) => use.kind === "pinned");
      const isLeaving = tenants.some(({ use }) => use.kind === "leaving");
      assert(isLeaving || !fits(claim, pinned, budget));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("neverFits() names the pool", () => {
  const claim = { size: { memoryBytes: 5, vramBytes: 7 }, exclusive: [] };
  assertEquals(neverFits(claim, { memoryBytes: null, vramBytes: null }), null);
  assertEquals(neverFits(claim, { memoryBytes: 4, vramBytes: 7 }), "memoryBytes");
  assertEquals(neverFits(claim, { memoryBytes: 5, vramBytes: 6 }), "vramBytes");
});
