/**
 * Fails when a module of src, engine/builtin or main.ts imports what it should not: an arrow that is
 * not in the table, another room's insides, a value where only the interface is open, a cycle.
 */
import { findCycle } from "./support/cycle.ts";
import { type Import, readImports } from "./support/imports.ts";
import { ARROWS, BLIND, PACKAGES } from "./support/rooms.ts";
import { readModules } from "./support/tree.ts";

/** What may only be started by main.ts, in a process of its own. */
const BUILTIN = "engine/builtin/";

/**
 * Checks a tree.
 *
 * @param modules path from the root of the checkout → text
 * @returns one line per offence, `path:line: what`
 */
export function checkRooms(modules: ReadonlyMap<string, string>): string[] {
  const offences: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [path, text] of modules) {
    const room = roomOf(path);
    if (room === undefined) {
      offences.push(`${path}:1: is in no room of the table in tasks/support/rooms.ts`);
    }
    const needed: string[] = [];
    for (const one of readImports(path, text)) {
      const problem = room === undefined ? null : whyForbidden(path, room, one);
      if (problem !== null) offences.push(`${path}:${one.line}: ${problem}`);
      if (one.kind === "value" && isRelative(one)) needed.push(resolve(path, one.specifier));
    }
    edges.set(path, needed);
  }
  const cycle = findCycle(edges);
  if (cycle !== null) offences.push(`${cycle[0]}:1: imports itself: ${cycle.join(" → ")}`);
  return offences;
}

/** The room a file belongs to; `app`, `main` and `builtin` count as rooms of their own. */
function roomOf(path: string): string | undefined {
  if (path === "main.ts") return "main";
  if (path.startsWith(BUILTIN)) return "builtin";
  if (path === "src/app.ts" || path.startsWith("src/app/")) return "app";
  const room = /^src\/([^/]+)\//.exec(path)?.[1];
  return room === "shims" || (room !== undefined && Object.hasOwn(ARROWS, room)) ? room : undefined;
}

function isRelative(one: Import): one is Import & { specifier: string } {
  return one.specifier !== null && /^\.\.?\//.test(one.specifier);
}

/** The path from the root that a relative specifier in `path` means. */
function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function whyForbidden(path: string, room: string, one: Import): string | null {
  if (one.specifier === null) {
    // In a browser it is an address of the server's, which the page names.
    return path === "src/web/ui/browser/main.js"
      ? null
      : "an import that is computed can't be checked";
  }
  if (!isRelative(one)) return whyForbiddenPackage(room, one.specifier);
  const target = resolve(path, one.specifier);
  if (room === "app" && target === "deno.json") return null; // the version is written there
  const to = roomOf(target);
  if (to === undefined) return `${target} is in no room`;
  if (to === room) return null;
  if (BLIND.some((one) => path.startsWith(one.part) && one.to === to)) {
    return `${path} must not know ${to}`;
  }
  return room === "main" ? whyForbiddenInMain(to, one) : whyForbiddenArrow(room, to, target, one);
}

function whyForbiddenPackage(room: string, specifier: string): string | null {
  if (room === "shims") return null;
  if (room === "platform" && specifier.startsWith("node:")) return null;
  if (room === "builtin") return `engine/builtin imports nothing from outside: ${specifier}`;
  if (/^@std\/(cli|http|path)$/.test(specifier)) return null;
  const name = specifier.split("/")[0] ?? "";
  if (PACKAGES[name]?.includes(room) === true) return null;
  return `${room} may not import ${specifier}`;
}

function whyForbiddenInMain(to: string, one: Import): string | null {
  if (to === "app" || (to === "builtin" && one.isDynamic)) return null;
  return `main.ts may import src/app.ts, and engine/builtin by import(): not ${one.specifier}`;
}

function whyForbiddenArrow(room: string, to: string, target: string, one: Import): string | null {
  if (room === "builtin") return `engine/builtin imports nothing of src: ${target}`;
  if (to === "app" || to === "main" || to === "builtin") return `nothing in src imports ${target}`;
  if (to === "shims") return `the shims are imported by their @std names: ${target}`;
  if (target !== `src/${to}/mod.ts`) return `past the door of ${to}: use src/${to}/mod.ts`;
  if (room === "app" || to === "core") return null;
  const arrow = ARROWS[room]?.[to];
  if (arrow === undefined) return `there is no arrow ${room} → ${to}`;
  if (arrow === "interface" && one.kind === "value") {
    return `${room} → ${to} is open for \`import type\` only`;
  }
  return null;
}

if (import.meta.main) {
  const offences = checkRooms(await readModules(["main.ts", "src", "engine/builtin"]));
  for (const offence of offences) console.error(offence);
  Deno.exit(offences.length === 0 ? 0 : 1);
}
