/**
 * Whether there is room for an engine, and who has to go for it: memory that all may have together, and
 * things that only one may have. Pure.
 *
 * @module
 */

/** Bytes by pool. */
export interface Size {
  readonly memoryBytes: number;
  readonly vramBytes: number;
}

/** What all engines may have together; `null` = no limit. */
export interface Budget {
  readonly memoryBytes: number | null;
  readonly vramBytes: number | null;
}

export interface Claim {
  readonly size: Size;
  /** What it has alone while it runs: no two that name the same thing run at once. */
  readonly exclusive: readonly string[];
}

/** How an engine that runs is used. Times are the clock's. */
export type Use =
  /** Nobody uses it; it may be stopped from `stoppableAt` on. */
  | { readonly kind: "idle"; readonly lastUsedAt: number; readonly stoppableAt: number }
  /** In flight, busy or starting. */
  | { readonly kind: "used" }
  | { readonly kind: "pinned" }
  /** Being stopped: what it has will be free. */
  | { readonly kind: "leaving" };

export interface Tenant extends Claim {
  readonly name: string;
  readonly use: Use;
}

export type RoomPlan =
  | { readonly kind: "fits" }
  /** These are to be stopped; when they are gone there is room. */
  | { readonly kind: "stop"; readonly names: readonly string[] }
  /** `inTheWay` may be stopped once nobody uses them, though not before `until`, where that is known. */
  | { readonly kind: "wait"; readonly inTheWay: readonly string[]; readonly until: number | null };

const POOLS = ["memoryBytes", "vramBytes"] as const;

/** In which pool a claim can never fit; `null` = it can. */
export function neverFits({ size }: Claim, budget: Budget): keyof Size | null {
  return POOLS.find((pool) => size[pool] > (budget[pool] ?? Infinity)) ?? null;
}

/**
 * The least recently used that nobody uses go first, and only as many as it takes. One that is used is
 * never named to be stopped.
 */
export function planRoom(
  claim: Claim,
  { tenants, budget, now }: {
    readonly tenants: readonly Tenant[];
    readonly budget: Budget;
    readonly now: number;
  },
): RoomPlan {
  if (isRoom(claim, tenants, budget)) return { kind: "fits" };
  const staying = tenants.filter(({ use }) => use.kind !== "leaving");
  // Those who leave make room enough.
  if (isRoom(claim, staying, budget)) return { kind: "wait", inTheWay: [], until: null };
  const order = staying
    .filter(({ use }) => use.kind === "idle" || use.kind === "used")
    .toSorted((a, b) => goesAt(a) - goesAt(b));
  const idle = order.filter(({ use }) => use.kind === "idle");
  const going = fewest(claim, { staying, order: idle, budget }) ??
    fewest(claim, { staying, order, budget });
  // Only pinned ones are left that would have to go.
  if (going === undefined) return { kind: "wait", inTheWay: [], until: null };
  const names = going.map(({ name }) => name);
  const stoppableAt = Math.max(...going.map(stoppable));
  if (stoppableAt <= now) return { kind: "stop", names };
  const until = stoppableAt === Infinity ? null : stoppableAt;
  return { kind: "wait", inTheWay: names, until };
}

/** As few of `order`, from its beginning, as make room when they are gone. */
function fewest(
  claim: Claim,
  { staying, order, budget }: {
    readonly staying: readonly Tenant[];
    readonly order: readonly Tenant[];
    readonly budget: Budget;
  },
): readonly Tenant[] | undefined {
  const without = (gone: readonly Tenant[]) => staying.filter((one) => !gone.includes(one));
  const count = order.findIndex((_, i) => isRoom(claim, without(order.slice(0, i + 1)), budget));
  if (count === -1) return undefined;
  // Who turned out not to be in the way stays, whoever was used last first.
  let going = order.slice(0, count + 1);
  for (const one of going.toReversed()) {
    const fewer = going.filter((other) => other !== one);
    if (isRoom(claim, without(fewer), budget)) going = fewer;
  }
  return going;
}

function isRoom({ size, exclusive }: Claim, others: readonly Claim[], budget: Budget): boolean {
  const taken = new Set(others.flatMap((other) => other.exclusive));
  if (exclusive.some((one) => taken.has(one))) return false;
  return POOLS.every((pool) => {
    const taken = others.reduce((sum, other) => sum + other.size[pool], 0);
    return taken + size[pool] <= (budget[pool] ?? Infinity);
  });
}

function goesAt({ use }: Tenant): number {
  return use.kind === "idle" ? use.lastUsedAt : Infinity;
}

function stoppable({ use }: Tenant): number {
  return use.kind === "idle" ? use.stoppableAt : Infinity;
}
