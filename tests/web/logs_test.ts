import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { BoundName, BoundView } from "../../src/core/mod.ts";
import type { LogEntry } from "../../src/observe/mod.ts";
import { Tokens } from "../../src/access/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { toReceived } from "../support/request_records.ts";
import { codeOf, problemOf, WebWorld } from "./support/web_world.ts";

type Given = Partial<LogEntry> & { readonly text: string };

function open() {
  const world = new WebWorld(["echo", "chat"]);
  const print = (engine: string | null, line: Given | string) => {
    const given = typeof line === "string" ? { text: line } : line;
    world.logs.push(engine, { stream: "stdout", styled: null, ...given });
  };
  return { world, print };
}

interface Answer {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

async function linesOf(world: WebWorld, query = ""): Promise<Answer["lines"]> {
  const response = await world.ask(`/api/logs${query}`);
  assertEquals(response.status, 200);
  const { lines }: Answer = await response.json();
  return lines;
}

async function textsOf(world: WebWorld, query = ""): Promise<unknown[]> {
  return (await linesOf(world, query)).map(({ text }) => text);
}

Deno.test("GET /api/logs has the lines of all, oldest first, with number, time and stream", async () => {
  const { world, print } = open();
  print("echo", "one");
  print(null, { text: "closing", stream: "program", level: "warn" });
  world.clock.stall(1_500);
  print("chat", { text: "red", styled: "\x1b[31mred\x1b[m", stream: "stderr" });
  print("echo", { text: "… 7 lines were skipped", skipped: 7 });
  const [one, own, red, skipped] = await linesOf(world);
  assertEquals(one, {
    engine: "echo",
    n: 1,
    seq: 1,
    t: "2025-01-01T00:00:00.000Z",
    stream: "stdout",
    text: "one",
  });
  assertEquals([own?.["engine"], own?.["stream"], own?.["level"]], [null, "program", "warn"]);
  assertEquals([red?.["t"], red?.["styled"]], ["2025-01-01T00:00:01.500Z", "\x1b[31mred\x1b[m"]);
  assertEquals([skipped?.["n"], skipped?.["skipped"]], [2, 7]);
});

Deno.test("the newest lines are given; with after= the next ones of one engine", async () => {
  const { world, print } = open();
  for (let i = 1; i <= 600; i++) print("echo", `${i}`);
  print("chat", "other");
  assertEquals((await linesOf(world)).length, 500);
  assertEquals(await textsOf(world, "?engine=echo&limit=2"), ["599", "600"]);
  assertEquals(await textsOf(world, "?engine=echo&limit=2&after=3"), ["4", "5"]);
  assertEquals(await textsOf(world, "?engine=echo&after=600"), []);
  assertEquals(await textsOf(world, "?limit=1&before=600"), ["599"]);
  assertEquals(await codeOf(await world.ask("/api/logs?after=3")), "400 bad_request");
  assertEquals(
    await codeOf(await world.ask("/api/logs?engine=echo,chat&after=3")),
    "400 bad_request",
  );
});

Deno.test("lines are found by engine, stream and time", async () => {
  const { world, print } = open();
  print("echo", "old");
  world.clock.stall(60_000);
  print("echo", { text: "bad", stream: "stderr" });
  print("chat", "new");
  print(null, { text: "mine", stream: "program", level: "info" });
  assertEquals(await textsOf(world, "?engine=echo,chat"), ["old", "bad", "new"]);
  assertEquals(await textsOf(world, "?stream=stderr"), ["bad"]);
  assertEquals(await textsOf(world, "?since=30s"), ["bad", "new", "mine"]);
  assertEquals(await textsOf(world, "?until=30s"), ["old"]);
  assertEquals(await textsOf(world, "?since=2025-01-01T00:01:00Z&engine=chat"), ["new"]);
  assertEquals(await textsOf(world, "?engine=&stream=&level=&grep=&since=&limit="), [
    "old",
    "bad",
    "new",
    "mine",
  ]);
});

Deno.test("grep= finds text in whatever case, and patterns between slashes", async () => {
  const { world, print } = open();
  for (const text of ["Out of memory", "10 of 20 done", "(a+)+$", "A.B"]) print("echo", text);
  const grep = (text: string) => textsOf(world, `?grep=${encodeURIComponent(text)}`);
  assertEquals(await grep("MEMORY"), ["Out of memory"]);
  assertEquals(await grep("(a+)+$"), ["(a+)+$"]);
  assertEquals(await grep("/\\d+ of \\d+/"), ["10 of 20 done"]);
  assertEquals(await grep("/^out|b$/"), []);
  assertEquals(await grep("/^out|b$/i"), ["Out of memory", "A.B"]);
});

Deno.test("a pattern that can't be read is told in words", async () => {
  const { world } = open();
  const problem = await problemOf(await world.ask("/api/logs?grep=%2F(a%2F"));
  assertEquals([problem.status, problem.code], [400, "bad_request"]);
  assertEquals(problem.detail, "The pattern has a ( without its ) (character 2).");
  assertStringIncludes(problem.remedy, "leave out the slashes");
});

const SAID = [
  ["INFO:     Started server process [12]", "info"],
  ["[2026-11-24 00:00:00 +0000] [123] [WARNING] slow", "warn"],
  ["2026-11-24T00:00:00.123Z ERROR no", "error"],
  ["error: no such file", "error"],
  ['{"time":"x","level":"error","msg":"y"}', "error"],
  ["ts=1 level=warn msg=slow", "warn"],
  ["CRITICAL - gone", "error"],
  ["DEBUG x", "debug"],
] as const;

Deno.test("level= keeps our lines and lines that say a level at their begin, from that level up", async () => {
  const { world, print } = open();
  for (const [text] of SAID) print("echo", text);
  for (
    const text of ["an error somewhere", "errors: 0", "information", "error.log was opened", ""]
  ) {
    print("echo", text);
  }
  print("echo", { text: "echo: failed", stream: "program", level: "error" });
  print("echo", { text: "warn me not", stream: "program", level: "info" });
  const levels = ["debug", "info", "warn", "error"];
  for (const [i, level] of levels.entries()) {
    const said = SAID.filter(([, one]) => levels.indexOf(one) >= i).map(([text]) => text);
    const own = i <= 1 ? ["echo: failed", "warn me not"] : ["echo: failed"];
    assertEquals(await textsOf(world, `?level=${level}`), [...said, ...own], level);
  }
});

Deno.test("trace= has the lines that hold the id, and ours that are about it", async () => {
  const { world, print } = open();
  const id = "0af7651916cd43dd8448eb211c80319c";
  print("echo", `trace=${id} done`);
  print("echo", "another");
  print("echo", { text: "request was held", stream: "program", level: "info", traceId: id });
  assertEquals(await textsOf(world, `?trace=${id}`), [`trace=${id} done`, "request was held"]);
});

Deno.test("request= has what holds its id or its trace's, and what is said of its engine meanwhile", async () => {
  const { world, print } = open();
  const say = (text: string) => print("echo", { text, stream: "program", level: "info" });
  say("long before");
  world.clock.stall(1_000);
  const headers = { "x-request-id": "order-66" };
  const request = new Request("http://127.0.0.1:7411/upstream/echo/x", { headers });
  const record = world.records.of(toReceived(request));
  record.begin("upstream", "echo");
  say("echo: starting (request)");
  print("echo", "noise");
  print("echo", `trace ${record.traceId} begins`);
  world.clock.stall(1_000);
  record.sends();
  record.end("answered");
  world.clock.stall(1_000);
  say("long after");
  print("chat", "order-66 was heard of");
  assertEquals(await textsOf(world, "?request=order-66"), [
    "echo: starting (request)",
    `trace ${record.traceId} begins`,
    "order-66 was heard of",
  ]);
  assertEquals(await textsOf(world, "?request=heard"), ["order-66 was heard of"]);
});

for (
  const [query, code] of [
    ["engine=nobody", "404 unknown_engine"],
    ["engine=%0a", "404 unknown_engine"],
    ["limit=0", "400 bad_request"],
    ["limit=many", "400 bad_request"],
    ["after=-1&engine=echo", "400 bad_request"],
    ["before=x", "400 bad_request"],
    ["since=yesterday", "400 bad_request"],
    ["stream=stdin", "400 bad_request"],
    ["level=loud", "400 bad_request"],
  ] as const
) {
  Deno.test(`GET /api/logs?${query} is refused`, async () => {
    const { world } = open();
    for (const path of ["/api/logs", "/logs.txt", "/logs.txt?follow=1&"]) {
      const join = path.includes("?") ? "" : "?";
      assertEquals(await codeOf(await world.ask(`${path}${join}${query}`)), code);
    }
    assertEquals(await usedStreams(world), 0);
  });
}

async function usedStreams(world: WebWorld): Promise<unknown> {
  return (await boundOf(world, "event_streams")).used;
}

async function boundOf(world: WebWorld, name: BoundName): Promise<BoundView> {
  const { limits }: { limits: BoundView[] } = await (await world.ask("/api/limits")).json();
  const bound = limits.find((one) => one.name === name);
  assert(bound !== undefined);
  return bound;
}

Deno.test("GET /logs.txt is plain text of all that is kept, without escapes", async () => {
  const { world, print } = open();
  for (let i = 1; i <= 900; i++) print("echo", `${i}`);
  print("chat", { text: "<b>red</b>", styled: "\x1b[31m<b>red</b>\x1b[m" });
  print(null, { text: "mine", stream: "program", level: "info" });
  const response = await world.ask("/logs.txt");
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  const lines = (await response.text()).split("\n");
  assertEquals(lines.length, 903);
  assertEquals(lines[0], "2025-01-01T00:00:00.000Z [echo] 1");
  assertEquals(lines.slice(-3), [
    "2025-01-01T00:00:00.000Z [chat] <b>red</b>",
    "2025-01-01T00:00:00.000Z [ai-engine] mine",
    "",
  ]);
});

/** Reads a stream of text until it holds `end`. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, end: string) {
  let text = "";
  while (!text.includes(end)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended with: ${text}`);
    text += new TextDecoder().decode(value);
  }
  return text;
}

async function follow(world: WebWorld, query: string, left?: AbortSignal) {
  const ask = left === undefined ? {} : { left };
  const response = await world.ask(`/logs.txt?follow=1${query}`, ask);
  assertEquals(response.status, 200);
  const reader = response.body?.getReader();
  assert(reader !== undefined);
  return reader;
}

Deno.test("follow=1 goes on with what is wanted, and ends when the client leaves", async () => {
  const { world, print } = open();
  const left = new AbortController();
  print("echo", "before 1");
  print("chat", "before 2");
  const reader = await follow(world, "&engine=echo&grep=o", left.signal);
  assertEquals(await readUntil(reader, "\n"), "2025-01-01T00:00:00.000Z [echo] before 1\n");
  const next = readUntil(reader, "two");
  print("chat", "other");
  print("echo", "xxx");
  print("echo", "two");
  await world.clock.advance(100);
  const text = await next;
  assertEquals(text.split("\n").map((line) => line.slice(25)), ["[echo] two", ""]);
  assertEquals(await usedStreams(world), 1);
  const end = reader.read();
  left.abort();
  assertEquals((await end).done, true);
  assertEquals(await usedStreams(world), 0);
});

Deno.test("who follows and does not read is told how much was missed, or let go", async () => {
  const { world, print } = open();
  print("echo", "first");
  const reader = await follow(world, "");
  await readUntil(reader, "first");
  for (let i = 0; i < 3_000; i++) print("echo", `line ${i}`);
  const text = await readUntil(reader, "line 2999");
  assertStringIncludes(text, "… 2000 lines were missed here");
  assertEquals(text.split("\n").length, 1 + 1_000 + 1);
  await world.clock.advance(10_000);
  assertEquals((await reader.read()).done, true);
  assertEquals(await usedStreams(world), 0);
  assertEquals((await boundOf(world, "event_stall_ms")).refused, 1);
});

Deno.test("who follows with a token is let go within a second of its end", async () => {
  const tokensOf = (token: string) => Tokens.of([{ role: "admin", token }], hmacSha256);
  const tokens = await tokensOf("a".repeat(40));
  const world = new WebWorld(["echo"], { tokens });
  const headers = { authorization: `Bearer ${"a".repeat(40)}` };
  const response = await world.ask("/logs.txt?follow=1", { headers });
  const end = response.body?.getReader().read();
  await settle();
  tokens.become(await tokensOf("b".repeat(40)));
  world.logs.push("echo", { stream: "stdout", text: "secret", styled: null });
  await world.clock.advance(1_000);
  assertEquals((await end)?.done, true);
  assertEquals(await usedStreams(world), 0);
});

Deno.test("who follows is let go with the program, after its last lines", async () => {
  const { world, print } = open();
  print("echo", "first");
  const reader = await follow(world, "");
  await readUntil(reader, "first");
  print("echo", "last");
  world.logs.close();
  await readUntil(reader, "last");
  assertEquals((await reader.read()).done, true);
});

Deno.test("at most 64 follow, with those who watch events; then it is refused clearly", async () => {
  const { world, print } = open();
  print("echo", "x");
  const left = new AbortController();
  for (let i = 0; i < 64; i++) await follow(world, "", left.signal);
  assertEquals(await codeOf(await world.ask("/logs.txt?follow=1")), "503 too_many_streams");
  left.abort();
  assertEquals(await usedStreams(world), 0);
});

Deno.test("HEAD of a stream opens none", async () => {
  const { world } = open();
  assertEquals((await world.ask("/logs.txt?follow=1", { method: "HEAD" })).status, 405);
  assertEquals((await world.ask("/logs.txt", { method: "HEAD" })).status, 200);
});
