/** Large bodies go through whole, and no faster than the other side takes them. */
import { assertEquals } from "@std/assert";
import { GatewayBench, get, readRequest, send } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const BYTES = 4 * 1024 * 1024;

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** The body in `text`, which is chunked to its end. */
function unchunk(text: string): string {
  let body = "";
  for (let at = 0;;) {
    const lineEnd = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) return body;
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + size + 4;
  }
}

for (const framing of ["length", "chunked"] as const) {
  Deno.test(`4 MiB down come whole with ${framing}, at most 64 KiB and a head at once`, async () => {
    await using bench = new GatewayBench();
    const client = get("/upstream/e/");
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    await readRequest(conn);
    const isChunked = framing === "chunked";
    await send(
      conn,
      `HTTP/1.1 200 OK\r\n${
        isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${BYTES}`
      }\r\n\r\n${isChunked ? `${BYTES.toString(16)}\r\n` : ""}`,
    );
    await writeAll(conn, new Uint8Array(BYTES).fill(0x61));
    if (isChunked) await send(conn, "\r\n0\r\n\r\n");
    assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
    const body = client.answer.slice(client.answer.indexOf("\r\n\r\n") + 4);
    const got = isChunked ? unchunk(body) : body;
    assertEquals([got.length, /^a*$/.test(got)], [BYTES, true]);
    const largest = Math.max(...client.sends.map((piece) => piece.length));
    assertEquals(largest <= 64 * 1024 + 1024, true, `${largest}`);
  });
}

Deno.test("an engine's stream waits while the client does not read", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const stuck = Promise.withResolvers<void>();
  client.stuck = stuck.promise;
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, `HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\n\r\n`);
  let isWritten = false;
  const writing = writeAll(conn, new Uint8Array(BYTES)).then(() => isWritten = true);
  while (!client.isSending) await bench.clock.advance(0);
  for (let turn = 0; turn < 50; turn++) await bench.clock.advance(1);
  assertEquals(isWritten, false);
  stuck.resolve();
  await writing;
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});

Deno.test("a client's body is asked for only as the engine takes it", async () => {
  await using bench = new GatewayBench();
  const client = new ScriptedClient(
    `POST /upstream/e/ HTTP/1.1\r\nHost: h\r\nContent-Length: ${BYTES}\r\n\r\n`,
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  const piece = new Uint8Array(64 * 1024);
  let given = 0;
  const feed = async (turns: number) => {
    for (let turn = 0; turn < turns && given < BYTES; turn++) {
      if (client.isAsked) {
        client.more(piece);
        given += piece.length;
      }
      await bench.clock.advance(1);
    }
  };
  await feed(200);
  // What the system buffers, and no more: the engine has read nothing yet.
  assertEquals(given < BYTES, true, `${given}`);
  let taken = 0;
  const buffer = new Uint8Array(256 * 1024);
  while (taken < BYTES) {
    taken += await conn.read(buffer) ?? 0;
    await feed(2);
  }
  await send(conn, "HTTP/1.1 204 N\r\n\r\n");
  assertEquals([await forwarding, client.outcome, taken], ["sent", "whole", BYTES]);
});
