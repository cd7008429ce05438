/** What a browser loads to show the first page, as it is served. */
import { assert, assertEquals } from "@std/assert";
import { WebWorld } from "../support/web_world.ts";

/** Five engines in five states, with an answer and an error. */
async function busyWorld(): Promise<WebWorld> {
  const world = new WebWorld(["builtin", "all-minilm-l6-v2", "llm", "whisper", "a.b_c-d"]);
  const { supervisor } = world;
  await supervisor.input("builtin", "hello");
  supervisor.ready("all-minilm-l6-v2");
  supervisor.set("all-minilm-l6-v2", { inflight: 2, queued: 1, stopsAt: null });
  supervisor.move("llm", "starting", { usualStartMs: 6_000 });
  const lastError = {
    ...{ code: "start_timeout", title: "Socket startup timeout", at: "2025-01-01T12:04:11Z" },
    detail: "The engine did not listen on /run/user/1000/ai-engine/whisper.sock within 10 s.",
    remedy: "Raise --start-timeout, or read the last lines of its output.",
    lastLines: [
      "Traceback (most recent call last):",
      "ModuleNotFoundError: No module named 'torch'",
    ],
  };
  supervisor.move("whisper", "failed", { reason: "start_timeout", lastError });
  return world;
}

/** URLs that the page makes a browser ask for. */
function filesOf(html: string): Set<string> {
  return new Set(
    [...html.matchAll(/(?:src|<link[^>]* href)="([^"]+)"/g)].map((one) => one[1] ?? ""),
  );
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

Deno.test("the first view is four requests, 56 kB at most, 20 kB compressed", async () => {
  const world = await busyWorld();
  const html = await (await world.ask("/")).bytes();
  const urls = filesOf(new TextDecoder().decode(html));
  assertEquals(urls.size, 3, [...urls].join(" "));
  let raw = html.byteLength;
  let packed = await gzipped(html);
  for (const url of urls) {
    const bytes = await (await world.ask(url)).bytes();
    raw += bytes.byteLength;
    packed += await gzipped(bytes);
  }
  assert(raw <= 56_000, `${raw} bytes`);
  assert(packed <= 20_000, `${packed} bytes compressed`);
});

Deno.test("the style of the first page is 10.5 kB at most, as it is served", async () => {
  const world = await busyWorld();
  const urls = filesOf(await (await world.ask("/")).text());
  const style = [...urls].find((url) => url.endsWith("/style.css")) ?? "";
  const { byteLength } = await (await world.ask(style)).bytes();
  assert(byteLength <= 10_500, `${byteLength} bytes`);
});

Deno.test("what every page loads is served in its small form: else run `deno task pack-ui`", async () => {
  const world = await busyWorld();
  const urls = filesOf(await (await world.ask("/")).text());
  const main = await (await world.ask([...urls].find((url) => url.endsWith("main.js")) ?? ""))
    .text();
  assert(!main.includes("\nfunction "), "the modules have changed since it was made");
});

Deno.test("a page holds nothing inline and nothing from elsewhere, and its files stay for ever", async () => {
  const world = await busyWorld();
  for (const path of ["/", "/engines/builtin", "/requests", "/events", "/logs", "/config"]) {
    const response = await world.ask(path);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert(policy.startsWith("default-src 'self'; "), path);
    assert(!policy.includes("unsafe"), path);
    const html = await response.text();
    assert(!/<style|\sstyle=|\son[a-z]+="|<script(?![^>]* src=)|="(https?:)?\/\//.test(html), path);
    for (const url of filesOf(html)) {
      assert(/^\/assets\/[0-9a-f]{16}\/[a-z_]+\.(js|css|svg)$/.test(url), url);
      const { headers, body, status } = await world.ask(url);
      await body?.cancel();
      assertEquals(status, 200, url);
      assertEquals(headers.get("cache-control"), "public, max-age=31536000, immutable", url);
    }
  }
});
