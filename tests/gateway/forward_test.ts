/** A request goes to its engine and the answer comes back, byte for byte. */
import { assertEquals } from "@std/assert";
import {
  DATE,
  GatewayBench,
  get,
  ID_LINE,
  ok,
  post,
  readRequest,
  send,
  TRACE_LINES,
} from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

Deno.test("a GET goes to the engine and its answer comes back in one piece", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/v1/x?q=1");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  assertEquals(
    await readRequest(conn),
    "GET /v1/x?q=1 HTTP/1.1\r\nHost: there\r\nVia: 1.1 ai-engine-0badcafe\r\n" +
      TRACE_LINES +
      "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: there\r\n\r\n",
  );
  await send(conn, ok("hello", "Date: now\r\n"));
  assertEquals(await forwarding, "sent");
  assertEquals(client.sends, [
    `HTTP/1.1 200 OK\r\nDate: now\r\n${ID_LINE}Content-Length: 5\r\n\r\nhello`,
  ]);
  assertEquals([client.outcome, bench.held, bench.wanted], ["whole", 0, ["e"]]);
});

Deno.test("a POST goes out in one write with its body, and the next one on the same connection", async () => {
  await using bench = new GatewayBench();
  const one = post("body");
  const first = bench.forward(one);
  const conn = await bench.accept();
  for (const [client, forwarding] of [[one, first]] as const) {
    const request = await readRequest(conn, "body");
    assertEquals(request.endsWith("Content-Length: 4\r\n\r\nbody"), true, request);
    await send(conn, ok("1"));
    assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
  }
  const two = post("again");
  const second = bench.forward(two);
  await readRequest(conn, "again");
  await send(conn, ok("2"));
  assertEquals([await second, two.outcome], ["sent", "whole"]);
});

Deno.test("an answer of unknown length is sent on as it comes, in chunks of its own", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  assertEquals((await readRequest(conn)).startsWith("GET / HTTP/1.1\r\n"), true);
  await send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  await client.until("one");
  await send(conn, "3\r\ntwo\r\n5\r\nthree\r\n");
  await client.until("three");
  await send(conn, "0\r\nX-Sum: 9\r\n\r\n");
  assertEquals(await forwarding, "sent");
  assertEquals(client.sends, [
    `HTTP/1.1 200 OK\r\n${DATE}${ID_LINE}Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n`,
    "8\r\ntwothree\r\n",
    "0\r\nX-Sum: 9\r\n\r\n",
  ]);
});

Deno.test("a body that comes in pieces goes out in pieces, chunked as it came", async () => {
  await using bench = new GatewayBench();
  const client = new ScriptedClient(
    "POST /upstream/e/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn, "1\r\na\r\n");
  client.more("2\r\nbc\r\n");
  await readRequest(conn, "2\r\nbc\r\n");
  client.more("0\r\nX-T: 1\r\nHost: evil\r\n\r\n");
  assertEquals(await readRequest(conn, "0\r\n"), "0\r\nX-T: 1\r\n\r\n");
  await send(conn, ok("done"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});
