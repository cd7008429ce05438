import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { findFloatingPromises } from "../../tasks/check_promises.ts";
import { ROOT } from "../../tasks/support/root.ts";

/** Looks through modules in a directory of their own, under this project's deno.json. */
async function find(modules: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    for (const [name, target] of Object.entries<string>(config.imports)) {
      if (target.startsWith("./")) config.imports[name] = join(ROOT, target);
    }
    await Deno.writeTextFile(join(root, "deno.json"), JSON.stringify(config));
    for (const [name, text] of Object.entries(modules)) {
      await Deno.writeTextFile(join(root, name), text);
    }
    const files = Object.keys(modules).filter((name) => /(\.tsx?|browser\.js)$/.test(name));
    return await findFloatingPromises({ root, files: files.map((name) => join(root, name)) });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Lines that end in `// !` are the ones to be found. */
const FLOATING = `
import { Hono } from "hono";
import { assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Engine, type Handle } from "./engine.ts";

export function floats(engine: Engine, handle: Handle, maybe: Engine | undefined): void {
  engine.stop(); // !
  engine.stop() as unknown; // !
  void engine.stop(); // !
  (engine.stop()); // !
  maybe?.stop(); // !
  maybe && maybe.stop(); // !
  handle.isOpen ? engine.stop() : 1; // !
  handle; // !
  engine.stop().then(() => 1); // !
  engine.stop().catch(); // !
  engine.stop().finally(() => 1); // !
  new Engine().maybeStop(); // !
  [engine.stop()]; // !
  [engine].map((one) => one.stop()); // !
  Deno.readTextFile(join("a", "b")); // !
  Deno.stdin.readable.cancel(); // !
  new Hono().request("/"); // !
  assertRejects(() => engine.stop()); // !
  queueMicrotask(() => {
    engine.stop(); // !
  });
  const later = () => { engine.stop(); }; // !
  later();
  (async () => await engine.stop())(); // !
  setTimeout(() => engine.stop(), 1); // !
  setTimeout(async () => await engine.stop(), 1); // !
  [engine].forEach(async function (one) { await one.stop(); }); // !
}
`;

/** What the first review found to slip through. */
const HIDDEN = `
import { type Callbacks, Engine } from "./engine.ts";

declare function register(callback: () => void): void;
declare function registerAll(callbacks: Callbacks): void;
declare const maybeHandler: (() => void) | undefined;

export function hides(engine: Engine): void {
  const stop = async () => await engine.stop();
  registerAll({ async onEnd() { await engine.stop(); } }); // !
  registerAll({ onEnd: async () => await engine.stop() }); // !
  registerAll({ onEnd: stop }); // !
  const onEnd = stop;
  registerAll({ onEnd }); // !
  const callbacks: Callbacks = { async onEnd() {} }; // !
  callbacks.onEnd = stop; // !
  register(stop); // !
  register(maybeHandler ?? stop); // !
  register(() => void engine.stop()); // !
  new EventTarget().addEventListener("end", stop); // !
  for (let i = 0; i < 3; engine.stop()) i++; // !
  for (engine.stop();;) break; // !
  for (let i = 0; i < 3; i++, engine.stop()) i++; // !
  for (let i = 0; i < 3; engine.stop(), i++) i++; // !
  const last = (engine.stop(), 1); // !
  engine.stop().catch(undefined); // !
  engine.stop().catch(maybeHandler); // !
  engine.stop().then(() => last, undefined); // !
  engine.stop().then(() => last, null); // !
  const hand = (): (() => void) => stop; // !
  hand();
  return void engine.stop(); // !
}

export class Ended implements Callbacks {
  async onEnd() {} // !
}
`;

const HANDLED = `
import { Hono } from "hono";
import sheet from "./sheet.css" with { type: "text" };
import script from "./client.js" with { type: "text" };
import { Engine } from "./engine.ts";

export async function ends(engine: Engine, keep: Set<Promise<void>>): Promise<void> {
  await engine.stop();
  const promise = engine.stop();
  let other;
  other = engine.stop();
  other ??= promise;
  keep.add(engine.stop());
  engine.stop().catch(() => {});
  engine.stop().then(() => {}, () => {});
  engine.stop().catch(() => {}).finally(() => {});
  await Promise.all([engine.stop(), other]);
  setTimeout(() => { engine.stop().catch(() => {}); }, 1);
  [engine].map((one) => one.name);
  sheet.trim();
  script.trim();
  new Hono().get("/", async (c) => c.text(await Promise.resolve("x")));
  const handle = (error: unknown) => { throw error; };
  engine.stop().catch(handle);
  engine.stop().then(undefined, handle);
  for (let i = 0; i < 3; engine.stop().catch(handle)) i++;
  const either: { onEnd(): void | Promise<void> } = { async onEnd() { await engine.stop(); } };
  await either.onEnd();
  const calls: { onEnd(): void } = { onEnd() { engine.stop().catch(handle); } };
  calls.onEnd();
  void 0;
  setImmediate(() => 1);
  const later: () => unknown = async () => await engine.stop();
  keep.add(Promise.resolve(later()).then(() => {}));
  return engine.stop();
}
`;

const ENGINE = `
export interface Handle extends PromiseLike<void> { readonly isOpen: boolean }
export interface Callbacks { onEnd(): void }
export class Engine {
  readonly name = "x";
  async stop(): Promise<void> {}
  maybeStop(): void | Promise<void> {}
}
`;

const VIEW = `
import { Engine } from "./engine.ts";
export function Page({ engine }: { engine: Engine }) {
  engine.stop(); // !
  return <p title={engine.name}>{engine.name}</p>;
}
`;

const BROWSER_MODULE = `
const button = document.querySelector("button");
button.addEventListener("click", () => {
  fetch("/api"); // !
});
fetch("/api").catch(() => {});
`;

Deno.test("findFloatingPromises() finds each planted promise and nothing else", async () => {
  const modules = {
    "engine.ts": ENGINE,
    "floating.ts": FLOATING,
    "hidden.ts": HIDDEN,
    "handled.ts": HANDLED,
    "view.tsx": VIEW,
    "sheet.css": "",
    "client.js": "",
    "browser.js": BROWSER_MODULE,
  };
  const wanted = Object.entries(modules).flatMap(([name, text]) =>
    text.split("\n").flatMap((line, i) => line.endsWith("// !") ? [`${name}:${i + 1}`] : [])
  );
  const found = (await find(modules)).map((line) => line.split(": ")[0] ?? "");
  assertEquals(found.sort(), wanted.sort());
});

Deno.test("findFloatingPromises() says when it can't see what Deno sees", async () => {
  const found = await find({ "a.ts": 'import { f } from "./gone.ts";\nf();\n' });
  assertEquals(found.length, 1);
  assertEquals(found[0]?.startsWith("a.ts:1: not seen: Cannot find module './gone.ts'"), true);
});
