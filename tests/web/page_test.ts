import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AdmissionError, LifecycleError } from "../../src/core/mod.ts";
import { toAnswer } from "../support/fake_supervisor.ts";
import { WebWorld } from "./support/web_world.ts";

/** What a browser sends with a form. */
function form(fields: Record<string, string>): RequestInit {
  return {
    body: new URLSearchParams(fields),
    headers: { accept: "text/html,*/*;q=0.8", origin: "http://127.0.0.1:7411" },
  };
}

/** The text of the element with this `data-field`. */
function field(html: string, name: string): string | undefined {
  return new RegExp(`data-field="${name}"[^>]*>([^<]*)<`).exec(html)?.[1];
}

/** The opening tag that carries `mark`. */
function tag(html: string, mark: string): string {
  return new RegExp(`<[^>]*${mark}[^>]*>`).exec(html)?.[0] ?? "";
}

async function page(world: WebWorld): Promise<string> {
  return await (await world.ask("/")).text();
}

Deno.test("GET / is a page that is not kept and runs nothing inline", async () => {
  const response = await new WebWorld().ask("/");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(
    response.headers.get("content-security-policy"),
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  );
  const html = await response.text();
  assert(html.startsWith("<!doctype html><html"));
  assert(!/<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)/.test(html));
  assert(!/(src|href)="(https?:)?\/\//.test(html), "something comes from another origin");
});

Deno.test("a page holds a card per engine, those first that run, and where its events go on", async () => {
  const world = new WebWorld(["one", "two"]);
  world.supervisor.down("one", "idle");
  world.supervisor.move("two", "starting");
  const html = await page(world);
  assertEquals([...html.matchAll(/data-engine="(\w+)"/g)].map((one) => one[1]), ["two", "one"]);
  assertEquals(field(html, "summary"), "2 engines, 1 running");
  assertStringIncludes(html, 'data-last-id="b0.1"');
  assertStringIncludes(html, `data-now="${world.clock.wall()}"`);
});

Deno.test("a page shows the last answer and the numbers without a script", async () => {
  const world = new WebWorld();
  assertStringIncludes(tag(await page(world), 'data-part="answer"'), "hidden");
  await world.input("hello");
  world.events.publish({ type: "python_status", engine: "echo", status: { count: 8, uptime: 3 } });
  const html = await page(world);
  assert(!tag(html, 'data-part="answer"').includes("hidden"));
  assertStringIncludes(tag(html, 'data-part="no-answer"'), "hidden");
  assertEquals(field(html, "answer-input"), "hello");
  assertEquals(field(html, "answer-message"), "You said: hello");
  assertEquals([field(html, "count"), field(html, "uptime")], ["8", "3 s"]);
  assertEquals(field(html, "idle"), "Stops in 5:00");
  for (const label of ["Your input", "Echo", "Time"]) assertStringIncludes(html, `<dt>${label}<`);
});

Deno.test("a page says that an answer was cut", async () => {
  const world = new WebWorld();
  assertStringIncludes(tag(await page(world), 'data-part="cut"'), "hidden");
  const at = "2025-01-01T00:00:00Z";
  const answer = { input: "i", message: "m", count: 1, at, tookMs: 1 };
  world.events.publish({ type: "python_input", engine: "echo", cut: ["message"], ...answer });
  assert(!tag(await page(world), 'data-part="cut"').includes("hidden"));
});

Deno.test("a page shows notices, those of an engine on its card", async () => {
  const world = new WebWorld();
  const at = "2025-01-01T00:00:00Z";
  const notice = { type: "notice", level: "warn", detail: "D.", at } as const;
  assertEquals([...(await page(world)).matchAll(/data-part="notice"[^>]* hidden/g)].length, 2);
  world.events.publish({ ...notice, title: "Of the program" });
  world.events.publish({ ...notice, title: "Of the engine", engine: "echo" });
  const html = await page(world);
  const at1 = html.indexOf("Of the program"), at2 = html.indexOf("data-engine=");
  assert(0 < at1 && at1 < at2 && at2 < html.indexOf("Of the engine"));
});

Deno.test("nothing that an engine or a client says becomes markup", async () => {
  const world = new WebWorld();
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;</textarea></pre>`;
  const at = "2025-01-01T00:00:00Z";
  world.events.publish({
    ...{ type: "python_input", engine: "echo", input: evil, message: evil },
    ...{ cut: [], count: 1, at, tookMs: 1 },
  });
  const words = { title: evil, detail: evil, remedy: evil };
  world.events.publish({ type: "notice", level: "warn", at, ...words });
  world.events.publish({ type: "notice", level: "warn", at, ...words, engine: "echo" });
  const lastError = { code: evil, ...words, at, lastLines: [evil, evil] };
  world.supervisor.move("echo", "failed", { lastError, socket: evil });
  world.supervisor.script.input = () =>
    Promise.resolve(toAnswer({ status: 400, body: new TextEncoder().encode(evil) }));
  const refused = await world.post("/engines/echo/input", form({ input: evil }));
  for (const html of [await page(world), await refused.text()]) {
    assert(
      !/<script(?! type="module" blocking="render" src="\/assets)|<img src=x|onerror=alert\(1\)>/
        .test(html),
    );
    assertEquals(html.split("</textarea>").length, 2);
    assertEquals(html.split("</pre>").length, 2);
    assertStringIncludes(html, "&lt;script&gt;");
  }
});

for (
  const [action, call] of [
    ["start", "start echo"],
    ["stop", "stop echo"],
    ["stop?force=true", "stop echo force"],
    ["restart", "restart echo"],
  ] as const
) {
  Deno.test(`the form ${action} does it and leads back to the card`, async () => {
    const world = new WebWorld();
    const response = await world.post(`/engines/echo/${action}`, form({}));
    assertEquals([response.status, response.headers.get("location")], [303, "/#engine-echo"]);
    assertEquals(world.supervisor.calls, [call]);
  });
}

Deno.test("the form input sends its text and leads back to the card", async () => {
  const world = new WebWorld();
  const text = "Grüße, 你好 & 1+1=2\r\nsecond line";
  const response = await world.post("/engines/echo/input", form({ input: text }));
  assertEquals([response.status, response.headers.get("location")], [303, "/#engine-echo"]);
  assertEquals(
    world.events.latest("python_input", "echo")?.input,
    "Grüße, 你好 & 1+1=2\nsecond line",
  );
});

Deno.test("a form that fails shows the error with remedy and last lines, on its card", async () => {
  const world = new WebWorld(["echo", "other"]);
  const words = { detail: "It did not listen.", remedy: "Raise the limit." };
  world.supervisor.script.start = () =>
    Promise.reject(new LifecycleError("start_timeout", words, ["line 1", "line 2"]));
  const response = await world.post("/engines/echo/start", form({}));
  assertEquals(response.status, 502);
  assertEquals(response.headers.get("ai-engine-error-source"), "supervisor");
  const html = await response.text();
  const boxes = html.split('data-engine="').slice(1);
  assertEquals(field(boxes[0] ?? "", "trouble-title"), "Socket startup timeout");
  assertEquals(field(boxes[0] ?? "", "trouble-detail"), words.detail);
  assertEquals(field(boxes[0] ?? "", "trouble-remedy"), words.remedy);
  assertEquals(field(boxes[0] ?? "", "trouble-lines"), "line 1\nline 2");
  assertStringIncludes(tag(boxes[1] ?? "", 'data-part="trouble"'), "hidden");
});

Deno.test("an input that could not be sent stays in its field", async () => {
  const world = new WebWorld();
  world.supervisor.script.input = () =>
    Promise.resolve(toAnswer({ status: 500, json: { error: "out of memory" } }));
  const response = await world.post("/engines/echo/input", form({ input: "my <text>" }));
  assertEquals(response.status, 502);
  const html = await response.text();
  assertStringIncludes(html, ">my &lt;text&gt;</textarea>");
  assertEquals(field(html, "trouble-title"), "The engine answered with status 500");
  assertEquals(field(html, "trouble-detail"), "out of memory");
});

Deno.test("a form without its field, or too large, is refused before an engine is started", async () => {
  const world = new WebWorld();
  assertEquals((await world.post("/engines/echo/input", form({}))).status, 422);
  const large = form({ input: "x".repeat(2_000_000) });
  assertEquals((await world.post("/engines/echo/input", large)).status, 413);
  assertEquals(world.supervisor.calls, []);
});

Deno.test("whose own stop took a start back sees the page, not an error", async () => {
  const world = new WebWorld();
  world.supervisor.script.start = () =>
    Promise.reject(new AdmissionError("stopped_by_user", { detail: "d", remedy: "r" }));
  assertEquals((await world.post("/engines/echo/start", form({}))).status, 303);
});

Deno.test("the files of a page are kept for ever, under a name that changes with them", async () => {
  const world = new WebWorld();
  const html = await page(world);
  const urls = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((one) => one[1] ?? "");
  assertEquals(
    new Set(urls.map((url) => url.split("/")[3])),
    new Set(["icon.svg", "style.css", "main.js"]),
  );
  for (const url of urls) {
    const response = await world.ask(url);
    assertEquals(response.status, 200, url);
    assertEquals(
      response.headers.get("cache-control"),
      "public, max-age=31536000, immutable",
    );
    assert((await response.text()).length > 0);
  }
  for (const odd of ["/assets/0/style.css", `${urls[0]}x`, "/assets/__proto__/constructor"]) {
    assertEquals((await world.ask(odd)).status, 404, odd);
  }
});

Deno.test("the browser gets one module, which is JavaScript by itself", async () => {
  const world = new WebWorld();
  const [, url = ""] = /<script type="module"[^>]* src="([^"]+)"/.exec(await page(world)) ?? [];
  const script = await (await world.ask(url)).text();
  assert(!/^import\b/m.test(script));
  // A name that two parts have would be a fault of syntax, before anything misses the browser.
  const fault = await import(`data:text/javascript,${encodeURIComponent(script)}`).catch((e) => e);
  assert(fault instanceof ReferenceError, String(fault));
});
