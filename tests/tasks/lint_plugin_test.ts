import { assertEquals } from "@std/assert";
import plugin from "../../tasks/lint_plugin.ts";
import { inRoot } from "../../tasks/support/root.ts";

/** The banned words that the plugin finds. */
function words(source: string, file = "src/gateway/x.ts"): string[] {
  return Deno.lint.runPlugin(plugin, inRoot(file), source)
    .map((diagnostic) => /`(.*)`/.exec(diagnostic.message)?.[1] ?? diagnostic.message);
}

const FOUND: readonly [source: string, word: string][] = [
  ["await Deno.readFile(path);", "Deno"],
  ["export let conn: Deno.Conn;", "Deno"],
  ["export type T = typeof Deno.env;", "Deno"],
  ["setTimeout(f, 1);", "setTimeout"],
  ["const timer = { set: setInterval };", "setInterval"],
  ["f({ fetch });", "fetch"],
  ["const now = performance.now();", "performance"],
  ["console.log(1);", "console"],
  ["globalThis.fetch(url);", "globalThis"],
  ['globalThis["Deno"];', "globalThis"],
  ["Date.now();", "Date.now"],
  ['Date["now"]();', "Date[…]"],
  ["new Date();", "new Date()"],
  ["Date();", "Date(…)"],
  ["const { now } = Date;", "Date"],
  ["Math.random();", "Math.random"],
  ["const chance = Math;", "Math"],
  ["crypto.randomUUID();", "crypto.randomUUID"],
  ["crypto.getRandomValues(bytes);", "crypto.getRandomValues"],
  ["AbortSignal.timeout(5);", "AbortSignal.timeout"],
  ['import { connect } from "node:net";', "node:net"],
  ['import type { Socket } from "node:net";', "node:net"],
  ['export * from "node:path";', "node:path"],
  ['await import("node:fs");', "node:fs"],
  ['export let s: import("node:net").Socket;', "node:net"],
  ["class A { x = fetch; }", "fetch"],
  ["class A { [console.x]() {} }", "console"],
  ["process.pid;", "process"],
  ["global.process;", "global"],
  ["Buffer.from(text);", "Buffer"],
  ["setImmediate(f);", "setImmediate"],
  ["clearImmediate(timer);", "clearImmediate"],
  ["clearTimeout(timer);", "clearTimeout"],
  ["clearInterval(timer);", "clearInterval"],
  ["new WebSocket(url);", "WebSocket"],
  ["new Worker(url);", "Worker"],
  ["new EventSource(url);", "EventSource"],
  ["new XMLHttpRequest();", "XMLHttpRequest"],
  ["prompt(text);", "prompt"],
  ["alert(text);", "alert"],
  ["if (confirm(text)) f();", "confirm"],
  ['localStorage.getItem("a");', "localStorage"],
  ["sessionStorage.clear();", "sessionStorage"],
  ["new BroadcastChannel(name);", "BroadcastChannel"],
  ["await caches.open(name);", "caches"],
  ["navigator.hardwareConcurrency;", "navigator"],
  ["Temporal.Now.instant();", "Temporal.Now"],
  ["const { Now } = Temporal;", "Temporal"],
  ["reportError(error);", "reportError"],
  ["eval(text);", "eval"],
  ["const run = eval;", "eval"],
  ["new Function(text);", "new Function()"],
  ["Function(text)();", "Function(…)"],
  ["new Box(Math);", "Math"],
  ["(Math as Chance).random();", "Math"],
  ["Date!.now();", "Date"],
  ["(Date satisfies Clock).now();", "Date"],
  ["type Deno = 1; Deno.pid;", "Deno"],
  ["interface Deno { pid: number } Deno.pid;", "Deno"],
  ["interface Worker {} export class A implements Worker { x = new Worker(url); }", "Worker"],
  ['import type { fetch } from "./net.ts"; fetch(url);', "fetch"],
  ['import { type fetch } from "./net.ts"; fetch(url);', "fetch"],
  ["declare const process: { pid: number }; f(process.pid);", "process"],
  ["declare function setImmediate(f: () => void): void; setImmediate(f);", "setImmediate"],
  ["export const a = (b: number) => { const fetch = 1; return fetch + b; }; fetch(1);", "fetch"],
];

for (const [source, word] of FOUND) {
  Deno.test(`platform-words finds ${word} in ${source}`, () => {
    assertEquals([...new Set(words(source))], [word]);
  });
}

const FINE: readonly string[] = [
  "app.fetch(request);",
  "const x = { fetch: 1, console: 2 };",
  "class A { fetch() { return this.console; } #self = 1; }",
  "interface A { fetch(): void; Deno: string; performance: number }",
  "function f(fetch: () => void) { fetch(); }",
  "function f({ fetch, a: [console] }: O) { fetch(console); }",
  "export const f = (...self: unknown[]) => self;",
  "type F = (console: string) => void;",
  'import { fetch } from "./net.ts"; fetch();',
  'import { fetch as get } from "./net.ts"; get();',
  "for (const self of all) self.close();",
  "try { f(); } catch (console) { g(console); }",
  "new Date(clock.wall()).toISOString();",
  "Date.parse(text); Math.max(1, 2); crypto.subtle.digest(name, bytes);",
  "AbortSignal.any([a, b]); x instanceof Date; x instanceof AbortSignal;",
  "export function f(signal: AbortSignal, at: Date): void {}",
  'const kind = "node";',
  "interface Worker { run(): void } export function f(worker: Worker): void {}",
  "type Worker = 1; export type Workers = readonly Worker[];",
  "interface Worker {} export class A implements Worker {} export interface B extends Worker {}",
  'import type { Buffer } from "./b.ts"; export let b: Buffer;',
  "export const process = start(); process.kill();",
  "Temporal.Duration.from(text); x instanceof Function;",
];

for (const source of FINE) {
  Deno.test(`platform-words has nothing against ${source}`, () => {
    assertEquals(words(source), []);
  });
}

Deno.test("platform-words leaves platform, shims, the browser modules and the rest of the house alone", () => {
  const source = "Deno.exit(setTimeout(fetch, 1));";
  const free = ["src/platform/clock.ts", "src/shims/a.ts", "src/web/ui/browser/main.js", "main.ts"];
  for (const file of [...free, "engine/builtin/main.ts", "tasks/dev.ts", "tests/web/a_test.ts"]) {
    assertEquals(words(source, file), [], file);
  }
  const ui = ["page.tsx", "words.js", "other.js", "client.ts", "browser.js"];
  const held = ["src/app.ts", "src/platform_x/a.ts", ...ui.map((name) => `src/web/ui/${name}`)];
  for (const file of held) {
    assertEquals(words(source, file), ["Deno", "setTimeout", "fetch"], file);
  }
});
