import { assertEquals } from "@std/assert";
import { get } from "./support/front_world.ts";
import { readUntil, send, TcpFront } from "./support/raw_client.ts";

Deno.test("fetch is answered over TCP, twice on one connection", async () => {
  await using front = new TcpFront();
  for (const _ of [1, 2]) {
    const response = await fetch(front.url);
    assertEquals(await response.text(), "hello");
    assertEquals(response.headers.get("content-length"), "5");
  }
  assertEquals(front.front.openConnections, 1);
  assertEquals(front.faults, []);
});

Deno.test("pipelined requests are answered in order", async () => {
  await using front = new TcpFront({
    ours: (request) => Promise.resolve(new Response(new URL(request.url).pathname)),
  });
  using conn = await front.connect();
  await send(conn, get("/one") + get("/two") + get("/three"));
  const text = await readUntil(conn, /three$/);
  assertEquals(text.match(/\/\w+$|\/\w+(?=HTTP)/g), ["/one", "/two", "/three"]);
});
