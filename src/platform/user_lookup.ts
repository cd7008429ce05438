/**
 * Users and groups by name or number: from /etc, else from wherever this system keeps them (`getent`).
 *
 * @module
 */
import { SpawnError } from "../core/mod.ts";

/** Whom a process runs as. */
export interface Identity {
  /** `null` = the user of this program. */
  readonly user: KnownUser | null;
  readonly uid: number;
  readonly gid: number;
}

export interface KnownUser {
  /** `null` for a number that no user has. */
  readonly name: string | null;
  readonly home: string;
}

/** Throws `SpawnError` naming the setting. */
export function findIdentity(
  { user, group }: { readonly user?: string | undefined; readonly group?: string | undefined },
): Identity {
  const owner = user === undefined ? null : findUser(user);
  const gid = group === undefined ? owner?.gid : findGroup(group);
  const uid = owner?.uid ?? Deno.uid() ?? 0;
  if (gid !== undefined) return { user: owner, uid, gid };
  throw new SpawnError({
    detail: `user is ${user}, a number that no user of this system has, and group is not set.`,
    remedy: "Set `group` as well, to a name or a number.",
  });
}

function findUser(
  user: string,
): KnownUser & { readonly uid: number; readonly gid: number | undefined } {
  const [name = "", , uid, gid, , home = "/"] = find("passwd", user) ?? [];
  if (uid !== undefined) return { name, home, uid: Number(uid), gid: Number(gid) };
  if (isNumber(user)) return { name: null, home: "/", uid: Number(user), gid: undefined };
  throw unknown("user", user);
}

function findGroup(group: string): number {
  const gid = find("group", group)?.[2];
  if (gid !== undefined) return Number(gid);
  if (isNumber(group)) return Number(group);
  throw unknown("group", group);
}

/** The fields of the line about `key`, which is a name or a number. */
function find(database: "passwd" | "group", key: string): readonly string[] | undefined {
  return findLine(readTable(database), key) ?? findLine(ask(database, key), key);
}

/** The first line of a table like /etc/passwd with this name, else with this number. */
export function findLine(table: string, key: string): readonly string[] | undefined {
  const lines = table.split("\n").map((line) => line.split(":")).filter(({ length }) => length > 2);
  return lines.find(([name]) => name === key) ?? lines.find(([, , number]) => number === key);
}

function readTable(database: "passwd" | "group"): string {
  try {
    return Deno.readTextFileSync(`/etc/${database}`);
  } catch {
    return "";
  }
}

function ask(database: "passwd" | "group", key: string): string {
  try {
    const command = new Deno.Command("getent", { args: [database, key], stdin: "null" });
    return new TextDecoder().decode(command.outputSync().stdout);
  } catch {
    return "";
  }
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function unknown(setting: "user" | "group", name: string): SpawnError {
  return new SpawnError({
    detail: `${setting} is ${name}, which this system does not have.`,
    remedy: `Make it, or let \`${setting}\` of the engine name another one.`,
  });
}
