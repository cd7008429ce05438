import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ConfigFileError, type ReloadReport } from "../../src/config/mod.ts";
import { toReceived } from "../support/request_records.ts";
import { codeOf, WebWorld } from "./support/web_world.ts";

const HTML = { headers: { accept: "text/html" } };

async function pageOf(world: WebWorld, path: string, status = 200): Promise<string> {
  const response = await world.ask(path, HTML);
  assertEquals(response.status, status);
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  return await response.text();
}

/** What stands in the page's lines, in rows. */
function linesOf(html: string): string[] {
  const rows = html.match(/<p data-stream[^]*?<\/p>/g) ?? [];
  return rows.map((row) => row.replace(/<time[^]*?<\/time>/, "").replaceAll(/<[^>]+>/g, "").trim());
}

function print(world: WebWorld, engine: string | null, text: string, styled: string | null = null) {
  world.logs.push(engine, { stream: "stdout", text, styled });
}

Deno.test("the logs of all stand on one page, the newest 500, with a way to the older ones", async () => {
  const world = new WebWorld(["echo", "chat"]);
  for (let i = 1; i <= 700; i++) print(world, i % 2 ? "echo" : "chat", `line ${i}`);
  const html = await pageOf(world, "/logs");
  assertEquals(linesOf(html).length, 500);
  assertEquals(linesOf(html)[0], "echo line 201");
  assertEquals(linesOf(html).at(-1), "chat line 700");
  const older = /href="(\/logs\?before=\d+)"/.exec(html)?.[1] ?? "";
  const past = await pageOf(world, older);
  assertEquals([linesOf(past)[0], linesOf(past).at(-1)], ["echo line 1", "chat line 200"]);
  assert(!past.includes("Older lines"));
  assertStringIncludes(past, "Newest lines");
  assert(!past.includes("logs.js"), "what is old does not go on");
});

Deno.test("a filter stays in the form, in the links, and in the file to keep", async () => {
  const world = new WebWorld(["echo", "chat"]);
  print(world, "echo", "ERROR: one");
  print(world, "echo", "two");
  print(world, "chat", "ERROR: three");
  const html = await pageOf(world, "/logs?engine=echo&level=error&stream=stdout&grep=o%22n|ONE");
  assertEquals(linesOf(html), []);
  assertStringIncludes(html, 'value="o&quot;n|ONE"');
  const found = await pageOf(world, "/logs?engine=echo&level=error&grep=ONE");
  assertEquals(linesOf(found), ["ERROR: one"]);
  assertStringIncludes(found, '<option value="echo" selected="">echo</option>');
  assertStringIncludes(found, '<option value="error" selected="">error and up</option>');
  assertStringIncludes(found, 'href="/logs.txt?engine=echo&amp;level=error&amp;grep=ONE"');
  assertStringIncludes(found, 'download="echo.log"');
});

Deno.test("a pattern that can't be read is told beside its field, which keeps it", async () => {
  const world = new WebWorld(["echo"]);
  print(world, "echo", "one");
  const html = await pageOf(world, "/logs?grep=%2F(a%2F", 400);
  assertStringIncludes(html, "The pattern has a ( without its ) (character 2).");
  assertStringIncludes(html, 'value="/(a/"');
  assertStringIncludes(html, 'aria-invalid="true"');
  assertEquals(await codeOf(await world.ask("/logs?engine=nobody")), "404 unknown_engine");
});

Deno.test("what an engine prints is text, and its colours are classes", async () => {
  const world = new WebWorld(["echo"]);
  print(world, "echo", "<script>x</script>");
  print(world, "echo", "<b>red</b> end", "\x1b[1;91m<b>red</b>\x1b[0m end");
  const html = await pageOf(world, "/logs");
  assert(!html.includes("<script>x"));
  assertStringIncludes(html, '<span class="bold red">&lt;b&gt;red&lt;/b&gt;</span> end');
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x08\x1b]/.test(html));
});

Deno.test("pages with nothing on them say what to do", async () => {
  const world = new WebWorld(["echo"]);
  assertMatch(await pageOf(world, "/logs"), /Nothing yet\.[^]*href="\/">start one/);
  assertMatch(await pageOf(world, "/logs?grep=x"), /No line is like that\.[^]*Clear the filter/);
  assertMatch(await pageOf(world, "/requests"), /None yet\.[^]*Send one/);
  assertMatch(
    await pageOf(world, "/requests?failed=true"),
    /No request is like that\.[^]*Show all/,
  );
  assertMatch(await pageOf(world, "/events"), /Nothing has happened[^]*start an engine/);
  assertMatch(await pageOf(world, "/config"), /There is no file[^]*config\.yaml[^]*engines:/);
  const engine = await pageOf(world, "/engines/echo");
  for (const id of ["requests", "timeline", "logs", "config"]) {
    assertStringIncludes(engine, `href="#${id}"`);
    assertStringIncludes(engine, `id="${id}"`);
  }
});

function request(world: WebWorld, path: string) {
  const record = world.records.of(toReceived(new Request(`http://127.0.0.1:7411${path}`)));
  record.begin("upstream", path.split("/")[2] ?? "");
  return record;
}

/** Rows of the page's table: the words of each but for its buttons. */
function rowsOf(html: string): string[] {
  const table = html.slice(0, html.indexOf("<template"));
  const rows = table.match(/<tr data-request[^]*?<\/tr>/g) ?? [];
  return rows.map((row) =>
    row.replace(/<td class="row-actions[^]*/, "").replaceAll(/<[^>]+>/g, " ").replaceAll(
      /\s+/g,
      " ",
    )
      .trim()
  );
}

Deno.test("requests: those in flight first, then the newest; failed ones by themselves", async () => {
  const world = new WebWorld(["echo", "chat"]);
  const done = request(world, "/upstream/echo/done");
  done.sends();
  done.answers(200);
  world.clock.stall(1_500);
  done.end("answered");
  const bad = request(world, "/upstream/chat/bad");
  bad.sends();
  bad.answers(503);
  bad.end("answered");
  request(world, "/upstream/echo/running?secret=1");
  const html = await pageOf(world, "/requests");
  assertEquals(
    rowsOf(html),
    [
      "GET /upstream/echo/running Waiting echo 00:00:01.500 – – 0 ms 0 B / 0 B –",
      "GET /upstream/chat/bad 503 chat 00:00:01.500 0 ms 0 ms 0 ms 0 B / 0 B –",
      "GET /upstream/echo/done 200 echo 00:00:00.000 0 ms 0 ms 1.5 s 0 B / 0 B –",
    ].map((row) => row.replace(/\d\d:\S+/, (time) => localTime(time))),
  );
  assertEquals(rowsOf(await pageOf(world, "/requests?failed=true")).length, 1);
  assertEquals(rowsOf(await pageOf(world, "/requests?engine=echo")).length, 2);
  assertStringIncludes(html, `href="/logs?request=${done.id}"`);
  assertEquals(await codeOf(await world.ask("/requests?engine=nobody")), "404 unknown_engine");
});

/** A time of UTC on this machine. */
function localTime(time: string): string {
  return `${new Date(`2025-01-01T${time}Z`).toTimeString().slice(0, 8)}${time.slice(8)}`;
}

Deno.test("a request is cancelled by a form; one that has ended stays as it ended", async () => {
  const world = new WebWorld(["echo"]);
  const record = request(world, "/upstream/echo/slow");
  let isCancelled = false;
  record.canceller = { cancel: () => isCancelled = true };
  const html = await pageOf(world, "/requests");
  const action = /action="(\/requests\/[^"]+)"/.exec(html)?.[1] ?? "";
  const response = await world.post(action);
  assertEquals([response.status, response.headers.get("location")], [303, "/requests"]);
  assert(isCancelled);
  assertEquals((await world.post("/requests/nobody/cancel")).status, 303);
});

Deno.test("older requests are a page further", async () => {
  const world = new WebWorld(["echo"]);
  for (let i = 0; i < 60; i++) request(world, `/upstream/echo/${i}`).end("answered");
  const html = await pageOf(world, "/requests");
  assertEquals(rowsOf(html).length, 50);
  assertStringIncludes(html, 'href="/requests?from=50"');
  const older = await pageOf(world, "/requests?from=50");
  assertEquals(rowsOf(older).length, 10);
  assert(!older.includes("Older requests"));
});

Deno.test("events: the newest first, of one engine too, with why and how", async () => {
  const world = new WebWorld(["echo", "chat"]);
  await world.supervisor.start("echo");
  await world.supervisor.start("chat");
  world.supervisor.down("echo", "idle");
  world.events.publish({
    type: "notice",
    level: "warn",
    title: "Time <b>stood</b> still",
    detail: "5 s did not pass.",
    remedy: "Look at it.",
    at: "2025-01-01T00:00:00.000Z",
  });
  const rows = (html: string) =>
    (html.match(/<li data-tone[^]*?<\/li>/g) ?? []).map((row) =>
      row.replace(/<time[^]*?<\/time>/, "").replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ")
        .trim()
    );
  const all = rows(await pageOf(world, "/events"));
  assertStringIncludes(all[0] ?? "", "Time &lt;b&gt;stood&lt;/b&gt; still");
  assertMatch(all[1] ?? "", /^echo .*→ stopped idle/);
  const chat = rows(await pageOf(world, "/events?engine=chat")).filter((row) => row !== "");
  assert(chat.length >= 2);
  assert(chat.every((row) => !row.includes("echo")));
  assertEquals(await codeOf(await world.ask("/events?engine=nobody")), "404 unknown_engine");
});

const SETTINGS = [
  { setting: "access.origins", value: [], from: { kind: "default" } },
  { setting: "listen", value: ["127.0.0.1:7411"], from: { kind: "default" } },
  { setting: "access.tokenFile", value: "***", from: { kind: "flag", flag: "--token-file" } },
  {
    setting: "engines.echo.command",
    value: ["<b>x</b>", "a b"],
    from: { kind: "file", path: "/etc/ai.yaml", line: 3 },
  },
  {
    setting: "logs.level",
    value: "debug",
    from: { kind: "environment", variable: "AI_ENGINE_LOG_LEVEL" },
  },
] as const;

Deno.test("the configuration: each value with where it comes from, and what waits for the next start", async () => {
  const world = new WebWorld(["echo"]);
  world.config = { path: "/etc/ai.yaml", settings: SETTINGS, later: ["listen"] };
  const html = await pageOf(world, "/config");
  const rows = html.match(/<tr data-from[^]*?<\/tr>/g)?.map((row) =>
    row.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ").trim()
  );
  assertEquals(rows, [
    "listen 127.0.0.1:7411 (the file has another value, for the next start) default",
    "access.tokenFile *** --token-file",
    "engines.echo.command &lt;b&gt;x&lt;/b&gt; &quot;a b&quot; file, line 3",
    "logs.level debug AI_ENGINE_LOG_LEVEL",
    "access.origins none default",
  ]);
  assertMatch(
    html,
    /logs\.level[^]*<details[^>]*><summary>1 setting at its default<[^]*access\.origins/,
  );
  assertStringIncludes(await pageOf(world, "/engines/echo"), '<th scope="row">command</th>');
});

const REPORT: ReloadReport = {
  path: "/etc/ai.yaml",
  added: ["new"],
  removed: [],
  changed: ["echo"],
  replaced: [],
  unchanged: [],
  settings: [],
  later: [],
};

Deno.test("a reload by hand says what it has changed, or all that is wrong in the file", async () => {
  const world = new WebWorld(["echo"]);
  world.config = { path: "/etc/ai.yaml", settings: SETTINGS, later: [] };
  world.reload = () => Promise.resolve(REPORT);
  const done = await world.post("/config/reload", HTML);
  assertEquals(done.status, 200);
  assertStringIncludes(await done.text(), "The file was read again: added new; changed echo.");
  const fault = {
    line: 2,
    column: 5,
    setting: "listen",
    detail: "There is no port 99999.",
    expected: null,
    fix: "Use one up to 65535.",
  };
  world.reload = () => Promise.reject(new ConfigFileError("/etc/ai.yaml", [fault]));
  const refused = await world.post("/config/reload", HTML);
  assertEquals(refused.status, 422);
  assertStringIncludes(
    await refused.text(),
    "2:5: There is no port 99999. Use one up to 65535.",
  );
});
