/** Whatever engines and clients say, it is text: no markup, no header, no event of its own. */
import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { ModelTable } from "../../src/config/mod.ts";
import { LifecycleError } from "../../src/core/mod.ts";
import { createWeb } from "../../src/web/mod.ts";
import { toAnswer } from "../support/fake_supervisor.ts";
import { newFigures } from "../support/figures.ts";
import { newLogBook } from "../support/new_log_book.ts";
import { EventReader } from "./support/read_events.ts";
import { WebWorld } from "./support/web_world.ts";

const HTML = { accept: "text/html,*/*;q=0.8" };

/** Text that would like to be something else. */
const evil = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...["<script>", "</script>", "<!--", "]]>", "</textarea>", "</pre>", "<img src=x>", "&amp;"],
      ...['"', "'", "`", " onload=x ", "\n\n", "\r\n", "event: bye\n", "data: x\n\n", "id: 9\n"],
      ...[
        "\r\nset-cookie: a=b\r\n\r\n",
        "\0",
        "\u2028",
        "\x1b[2J",
        "${x}",
        "javascript:",
        "\ud800",
      ],
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  ),
  { maxLength: 6 },
).map((parts) => parts.join(""));

/** The tags of a document, with all that is in them but the values that are text by intent. */
function tags(html: string): string[] {
  return Array.from(html.matchAll(/<[^>]*>/g), ([tag]) => tag);
}

function newWeb(world: WebWorld) {
  return createWeb({
    supervisor: world.supervisor,
    events: world.events,
    clock: world.clock,
    random: { hex: () => "7f", fraction: () => 0 },
    tokens: null,
    models: new ModelTable([], { defaultModel: null }),
    modelsDir: null,
    urls: [],
    version: "0.1.0",
    close: () => {},
    bounds: () => [],
    requests: world.requests,
    profile: () => Promise.reject(new TypeError("no profile was expected")),
    figures: newFigures(),
    logs: newLogBook(world.clock),
    config: () => Promise.resolve({ path: null, settings: [], later: [] }),
    reload: () => Promise.reject(new TypeError("no reload was expected")),
  });
}

Deno.test("an error of any words is a page of the same tags, and a problem of these words", async () => {
  const web = newWeb(new WebWorld());
  const render = (text: string, accept: string | null) => {
    const words = { detail: text, remedy: text, engine: text };
    return web.renderError(new LifecycleError("crashed", words, [text, text]), { accept });
  };
  const plain = tags(await (await render("plain", HTML.accept)).text());
  const headers: [string, string][] = [];
  for (const accept of [HTML.accept, null]) {
    headers.push(...(await render("plain", accept)).headers);
  }
  await fc.assert(fc.asyncProperty(evil, async (text) => {
    const page = await render(text, HTML.accept);
    assertEquals(tags(await page.text()), plain);
    const problem = await render(text, null);
    assertEquals([...page.headers, ...problem.headers], headers);
    const { detail, remedy, engine, lastLines } = await problem.json();
    const as = text.toWellFormed();
    assertEquals(
      [detail, remedy, engine, ...lastLines].map((one) => one.toWellFormed()),
      Array(5).fill(as),
    );
  }));
});

Deno.test("the page has the same tags whatever is said on it", async () => {
  const world = new WebWorld();
  const at = "2025-01-01T00:00:00Z";
  const tell = (text: string) => {
    const words = { title: text, detail: text, remedy: text };
    world.events.publish({
      ...{ type: "python_input", engine: "echo", input: text, message: text },
      ...{ cut: [], count: 1, at, tookMs: 1 },
    });
    world.events.publish({
      type: "python_status",
      engine: "echo",
      status: { count: text, uptime: text, [text]: text },
    });
    world.events.publish({ type: "notice", level: "warn", at, ...words });
    world.events.publish({ type: "notice", level: "warn", at, ...words, engine: "echo" });
    world.supervisor.set("echo", {
      lastError: { code: text, ...words, at, lastLines: [text] },
      socket: text,
    });
  };
  const page = async () => {
    const html = await (await world.ask("/")).text();
    return tags(html).filter((tag) => !tag.startsWith("<body "));
  };
  world.supervisor.move("echo", "failed", {});
  tell("plain");
  const plain = await page();
  await fc.assert(fc.asyncProperty(evil, async (text) => {
    tell(text);
    assertEquals(await page(), plain);
  }));
});

Deno.test("an input that failed stands on the page as text, with what the engine said", async () => {
  const world = new WebWorld();
  const send = async (text: string) => {
    world.supervisor.script.input = () =>
      Promise.resolve(toAnswer({ status: 500, body: new TextEncoder().encode(text) }));
    const body = new URLSearchParams({ input: text });
    return tags(await (await world.post("/engines/echo/input", { body, headers: HTML })).text());
  };
  const plain = await send("plain");
  await fc.assert(fc.asyncProperty(evil, async (text) => assertEquals(await send(text), plain)));
});

Deno.test("an event holds any words, and is one event", async () => {
  const world = new WebWorld();
  const reader = new EventReader(await world.ask("/api/events?topics=notice"));
  assertEquals((await reader.names())[0], "hello");
  const at = "2025-01-01T00:00:00Z";
  await fc.assert(fc.asyncProperty(evil, async (text) => {
    world.events.publish({ type: "notice", level: "warn", title: text, detail: text, at });
    const piece = await reader.piece() ?? "";
    assertMatch(piece, /^event: notice\nid: b0\.\d+\ndata: [^\r\n]*\n\n$/);
    const { title } = JSON.parse(piece.slice(piece.indexOf("\ndata: ") + 7));
    assertEquals(title.toWellFormed(), text.toWellFormed());
  }));
  await reader.cancel();
  world.events.close();
});

/** All but the name that each request has. */
function constant(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => name !== "x-request-id");
}

Deno.test("names, queries and methods of a request are told as text, and in no header", async () => {
  const world = new WebWorld();
  const paths = (text: string) => {
    const part = encodeURIComponent(text.toWellFormed());
    return [
      `/${part}`,
      `/api/engines/x${part}`,
      `/api/events?topics=${part}`,
      `/api/events?engine=${part}`,
      `/api/engines/echo?${part}`,
      `/login?next=${part}`,
    ];
  };
  await fc.assert(
    fc.asyncProperty(evil, fc.nat(5), async (text, index) => {
      const path = paths(text)[index] ?? "";
      const response = await world.ask(path, { headers: HTML });
      if (response.status === 200) return await response.body?.cancel();
      const plain = await world.ask(paths("plain")[index] ?? "", { headers: HTML });
      if (plain.status === response.status) {
        assertEquals(constant(response.headers), constant(plain.headers));
        assertEquals(tags(await response.text()), tags(await plain.text()));
      } else {
        await Promise.all([response.body?.cancel(), plain.body?.cancel()]);
      }
    }),
  );
  world.events.close();
});

Deno.test("an engine's content type is a header only if it is one", async () => {
  const world = new WebWorld();
  await fc.assert(fc.asyncProperty(evil, async (contentType) => {
    world.supervisor.script.input = () => Promise.resolve(toAnswer({ contentType }));
    const response = await world.input("hello");
    assertEquals(response.status, 200);
    const told = response.headers.get("content-type");
    const isPlain = /^[\x20-\x7e]+$/.test(contentType);
    assertEquals(told, isPlain ? contentType.trim() : "application/octet-stream");
    assertEquals(response.headers.get("set-cookie"), null);
    assertMatch(response.headers.get("content-security-policy") ?? "", /sandbox/);
    await response.body?.cancel();
  }));
});
