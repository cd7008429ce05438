/** What is told of a request on its way, and its end by hand. */
import { assertEquals } from "@std/assert";
import type { RequestView } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import {
  GatewayBench,
  type GatewayBenchOptions,
  get,
  ok,
  post,
  readRequest,
  send,
  untilClosed,
} from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const ID = "01".repeat(8);

const MODELS: GatewayBenchOptions = {
  routing: {
    bodyBytes: 1_000_000,
    models: {
      find: (name) => ({ name, aliases: [], engine: "e", upstreamModel: null }),
      engineOfUnnamed: () => "e",
    },
  },
};

/** A request under `/v1`, with the records of `bench`. */
function ask(bench: GatewayBench, body: string, announced = body.length): ScriptedClient {
  return new ScriptedClient(
    `POST /v1/chat/completions?key=secret HTTP/1.1\r\nHost: there\r\nContent-Length: ${announced}\r\n\r\n${body}`,
    { records: bench.records },
  );
}

/** How the last request has ended. */
function ended(bench: GatewayBench): Partial<RequestView> {
  assertEquals(bench.book.running(), []);
  const [view] = bench.book.recent();
  if (view === undefined) throw new Error("none has ended");
  return view;
}

function outcomeOf(bench: GatewayBench): unknown {
  const { progress, status, errorCode } = ended(bench);
  return [progress?.phase === "ended" ? progress.outcome : progress?.phase, status, errorCode];
}

function phaseOf(bench: GatewayBench): unknown {
  return bench.book.running().map(({ progress, engine }) => `${progress.phase} ${engine}`);
}

Deno.test("a request is held, sent, answered and ended, with its times and bytes", async () => {
  await using bench = new GatewayBench();
  const free = Promise.withResolvers<void>();
  bench.admit = () => free.promise;
  const client = post("body", "", { records: bench.records });
  const forwarding = bench.forward(client);
  assertEquals(phaseOf(bench), ["held e"]);
  await bench.clock.advance(100);
  free.resolve();
  const conn = await bench.accept();
  await readRequest(conn, "body");
  assertEquals(phaseOf(bench), ["sent e"]);
  await bench.clock.advance(20);
  await send(conn, "HTTP/1.1 201 Made\r\nContent-Length: 6\r\n\r\nabc");
  await client.until("abc");
  assertEquals(phaseOf(bench), ["answering e"]);
  await bench.clock.advance(3);
  await send(conn, "def");
  await forwarding;
  assertEquals(ended(bench), {
    id: ID,
    traceId: "01".repeat(16),
    way: "upstream",
    engine: "e",
    model: null,
    method: "POST",
    path: "/upstream/e/in",
    place: null,
    progress: { phase: "ended", outcome: "answered" },
    startedAt: "2025-01-01T00:00:00.000Z",
    status: 201,
    errorCode: null,
    heldMs: 100,
    firstByteMs: 120,
    totalMs: 123,
    bytesIn: 4,
    bytesOut: 6,
    tokensIn: null,
    tokensOut: null,
  });
});

Deno.test("who needs not wait was held for no time", async () => {
  await using bench = new GatewayBench();
  const forwarding = bench.forward(get("/upstream/e/", "", { records: bench.records }));
  const conn = await bench.accept();
  await bench.clock.advance(7);
  await send(conn, ok("x"));
  await forwarding;
  const { heldMs, totalMs } = ended(bench);
  assertEquals([heldMs, totalMs], [0, 7]);
});

Deno.test("an error of ours is a refusal with its code", async () => {
  await using bench = new GatewayBench();
  await bench.forward(get("/upstream/", "", { records: bench.records }));
  assertEquals(outcomeOf(bench), ["refused", 404, "not_found"]);
  const loop = "Via: 1.1 ai-engine-0badcafe\r\n";
  await bench.forward(get("/upstream/e/", loop, { records: bench.records }));
  assertEquals(outcomeOf(bench), ["refused", 508, "loop_detected"]);
});

Deno.test("an answer that breaks off is cut, a client that goes has left", async () => {
  await using bench = new GatewayBench();
  const one = get("/upstream/e/", "", { records: bench.records });
  const cut = bench.forward(one);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  await one.until("abc");
  conn.close();
  await cut;
  assertEquals([outcomeOf(bench), one.outcome], [["cut", 200, null], "cut"]);
  const two = get("/upstream/e/", "", { records: bench.records });
  const left = bench.forward(two);
  const next = await bench.accept();
  await readRequest(next);
  two.goes();
  await left;
  assertEquals(outcomeOf(bench), ["left", null, null]);
});

Deno.test("cancelled while it is held: the client is told, its place is given up", async () => {
  await using bench = new GatewayBench();
  bench.admit = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const forwarding = bench.forward(get("/upstream/e/", "", { records: bench.records }));
  assertEquals(bench.book.cancel(ID), true);
  assertEquals(await forwarding, "stopped_by_user");
  assertEquals(outcomeOf(bench), ["cancelled", 503, "stopped_by_user"]);
});

Deno.test("cancelled before the answer: the client is told, the engine's connection ends; twice is no harm", async () => {
  await using bench = new GatewayBench();
  const forwarding = bench.forward(get("/upstream/e/", "", { records: bench.records }));
  const conn = await bench.accept();
  await readRequest(conn);
  assertEquals([bench.book.cancel(ID), bench.book.cancel(ID)], [true, false]);
  assertEquals(await forwarding, "stopped_by_user");
  assertEquals(await untilClosed(conn), "");
  assertEquals([outcomeOf(bench), bench.held], [["cancelled", 503, "stopped_by_user"], 0]);
  assertEquals([bench.book.cancel(ID), bench.book.cancel("unknown")], [false, false]);
});

Deno.test("cancelled in the middle of its answer: both sides are cut off", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/", "", { records: bench.records });
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  await client.until("abc");
  assertEquals(bench.book.cancel(ID), true);
  assertEquals([await forwarding, client.outcome], ["sent", "cut"]);
  assertEquals(await untilClosed(conn), "");
  assertEquals([outcomeOf(bench), bench.held], [["cancelled", 200, null], 0]);
});

Deno.test("cancelled as a tunnel: both ends are closed", async () => {
  await using bench = new GatewayBench();
  const upgrade = "Upgrade: w\r\nConnection: upgrade\r\n";
  const client = get("/upstream/e/", upgrade, { records: bench.records });
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 101 S\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n");
  while (client.outcome !== "taken") await settle();
  await settle();
  assertEquals(bench.book.cancel(ID), true);
  await forwarding;
  assertEquals(await untilClosed(conn), "");
  assertEquals([outcomeOf(bench), bench.held], [["cancelled", 101, null], 0]);
});

Deno.test("cancelled while its model is looked for: the client is told, nothing is held any more", async () => {
  await using bench = new GatewayBench(MODELS);
  const client = ask(bench, '{"x":"', 100);
  const forwarding = bench.forward(client);
  while (!client.isAsked) await settle();
  assertEquals(phaseOf(bench), ["held null"]);
  assertEquals(bench.book.cancel(ID), true);
  assertEquals(await forwarding, "stopped_by_user");
  assertEquals(outcomeOf(bench), ["cancelled", 503, "stopped_by_user"]);
  client.goes();
  await settle();
  const [, held] = bench.gateway.bounds();
  assertEquals([held?.name, held?.used, bench.wanted], ["held_bytes", 0, []]);
});

/** What the book says of tokens in an answer of these pieces. */
async function tokens(head: string, ...pieces: readonly string[]): Promise<unknown> {
  await using bench = new GatewayBench(MODELS);
  const client = ask(bench, '{"model":"Tiny"}');
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn, "}");
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  await send(conn, `HTTP/1.1 200 OK\r\n${head}Transfer-Encoding: chunked\r\n\r\n`);
  for (const [index, chunk] of chunks.entries()) {
    await send(conn, chunk);
    await client.until(pieces[index]?.slice(-8) ?? "");
  }
  await send(conn, "0\r\n\r\n");
  await forwarding;
  const { tokensIn, tokensOut, model, path, way } = ended(bench);
  assertEquals([model, path, way], ["Tiny", "/v1/chat/completions", "model"]);
  return [tokensIn, tokensOut];
}

const JSON_TYPE = "Content-Type: application/json\r\n";
const STREAM = "Content-Type: text/event-stream; charset=utf-8\r\n";
const USAGE = '"usage": {"prompt_tokens":5,"completion_tokens":7,"details":{"x":1}}';

Deno.test("tokens are told by the end of an answer in JSON, and of a stream of it", async () => {
  assertEquals(await tokens(JSON_TYPE, `{"choices":[],${USAGE}}`), [5, 7]);
  const long = "x".repeat(100_000);
  assertEquals(await tokens(JSON_TYPE, `{"a":"${long}"`, `,"usa`, `${USAGE.slice(4)}}`), [5, 7]);
  const events = [
    ...Array.from(
      { length: 30 },
      (_, i) => `data: {"n":${i},"usage":null,"x":"${"y".repeat(500)}"}\n\n`,
    ),
    `data: {"n":30,"choices":[],${USAGE}}\n\n`,
    "data: [DONE]\n\n",
  ];
  assertEquals(await tokens(STREAM, ...events), [5, 7]);
  assertEquals(await tokens(JSON_TYPE, '{"usage":{"input_tokens":3,"output_tokens":4}}'), [3, 4]);
  assertEquals(await tokens(JSON_TYPE, '{"usage":{"prompt_tokens":3,"total_tokens":3}}'), [
    3,
    null,
  ]);
});

Deno.test("tokens that are not told, not there, or not to be read are unknown", async () => {
  const none = [null, null];
  assertEquals(await tokens(JSON_TYPE, "{}"), none);
  assertEquals(await tokens(`${JSON_TYPE}Content-Encoding: gzip\r\n`, `{${USAGE}}`), none);
  assertEquals(await tokens("Content-Type: text/plain\r\n", `{${USAGE}}`), none);
  assertEquals(await tokens(JSON_TYPE, `{${USAGE},"x":"${"y".repeat(5_000)}"}`), none);
  const text = JSON.stringify({ message: `{${USAGE}}` });
  assertEquals(await tokens(JSON_TYPE, text), none);
  const odd = '{"usage":{"prompt_tokens":-1,"completion_tokens":1.5}}';
  assertEquals(await tokens(JSON_TYPE, odd), none);
  assertEquals(await tokens(JSON_TYPE, '{"usage":{"prompt_tokens":'), none);
  assertEquals(await tokens(JSON_TYPE, `{"usage":${"{".repeat(3_000)}`), none);
});
