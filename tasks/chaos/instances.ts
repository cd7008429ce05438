/** How many processes of engines may live at once, and how many do. */
import { type Cast, engineOf, type Role } from "./cast.ts";
import { describe, type Member } from "./family.ts";
import { isAlive } from "./process_table.ts";

/** What is too many of them; `undefined` = nothing. */
export async function findExcess(
  members: readonly Member[],
  cast: Cast,
): Promise<string | undefined> {
  const runs = byRun(members);
  if (excessOf(runs, cast).length === 0) return undefined;
  // Seen one after the other; who is still there was there all the time.
  const isThere = await Promise.all([...runs.values()].map(isAlive));
  const alive = byRun([...runs.values()].filter((_, at) => isThere[at]));
  const excess = excessOf(alive, cast);
  if (excess.length === 0) return undefined;
  return `${excess.join(", ")}: ${[...alive.values()].map(describe).join(", ")}`;
}

/** How many instances of each engine were seen. */
export function countInstances(members: readonly Member[]): ReadonlyMap<string, number> {
  const engines = Map.groupBy(byRun(members).keys(), engineOf);
  return new Map([...engines].map(([engine, runs]) => [engine, runs.length]));
}

/** One process for each run id. */
function byRun(members: readonly Member[]): ReadonlyMap<string, Member> {
  return new Map(members.flatMap((one) => one.runId === undefined ? [] : [[one.runId, one]]));
}

/** Which promises the run ids of those who live break. */
export function excessOf(runs: ReadonlyMap<string, unknown>, cast: Cast): readonly string[] {
  const engines = [...runs.keys()].map(engineOf);
  const isThere = ({ name }: Role) => engines.includes(name);
  const tooMany = cast.roles.filter((role) =>
    engines.filter((one) => one === role.name).length > mostOf(role)
  );
  const rivals = Map.groupBy(cast.roles.filter(isThere), ({ settings }) => settings.exclusive);
  rivals.delete(undefined);
  const sizeMib = engines.reduce((sum, engine) => sum + sizeOf(engine, cast), 0);
  return [
    ...tooMany.map((role) => `more than ${mostOf(role)} of ${role.name} at a time`),
    ...[...rivals].filter(([, roles]) => roles.length > 1).map(([what]) => `two that want ${what}`),
    ...(sizeMib > (cast.budgetMib ?? Infinity) ? [`${sizeMib} MiB of ${cast.budgetMib}`] : []),
  ];
}

/** Of one that reloads change, several give way to each other. */
function mostOf({ character, settings }: Role): number {
  if (character === "passing" || character === "renewed") return Infinity;
  return settings.replicas?.max ?? 1;
}

function sizeOf(engine: string, { roles }: Cast): number {
  const size = roles.find(({ name }) => name === engine)?.settings.size?.memory;
  return Number.parseInt(size ?? "0");
}
