import { assertEquals } from "@std/assert";
import { PLAIN, TransportClient } from "../../src/pool/mod.ts";
import { putIn } from "../../src/pool/envelope.ts";
import { systemTransports } from "../../src/platform/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const HEAD = "POST /v1/x?y=1 HTTP/1.1\r\nHost: there\r\nauthorization: theirs\r\nX-A: b\r\n\r\n";

Deno.test("a request put into nothing stays what it was", () => {
  const put = putIn(PLAIN, encode(HEAD + "body"), HEAD.length);
  assertEquals(decode(put.bytes), HEAD + "body");
  assertEquals(put.headBytes, HEAD.length);
});

Deno.test("host, prefix and fields are the envelope's; what it withholds stays behind", () => {
  const put = putIn(
    {
      host: "far.example",
      prefix: "/base",
      fields: [["Authorization", "Bearer ours"]],
      withheld: ["x-a", "cookie"],
    },
    encode(HEAD + "a: b\r\n\r\n"),
    HEAD.length,
  );
  const head = "POST /base/v1/x?y=1 HTTP/1.1\r\nHost: far.example\r\n" +
    "Authorization: Bearer ours\r\n\r\n";
  assertEquals(decode(put.bytes), head + "a: b\r\n\r\n");
  assertEquals(put.headBytes, head.length);
});

Deno.test("bytes of fields that are no ASCII go through as they are", () => {
  const head = new Uint8Array([
    ...encode("GET / HTTP/1.1\r\nX: "),
    0x80,
    0xe9,
    0xff,
    13,
    10,
    13,
    10,
  ]);
  assertEquals(putIn(PLAIN, head, head.length).bytes, head);
});

Deno.test("requests and lent connections go out in the envelope, over a port", async () => {
  const seen: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (r) => {
    const { headers, url } = r;
    seen.push(`${r.method} ${new URL(url).pathname} ${headers.get("authorization")}`);
    return new Response(`${headers.get("host")} ${await r.text()}`);
  });
  const { port } = server.addr;
  const client = new TransportClient({
    transport: systemTransports.to({ kind: "tcp", hostname: "127.0.0.1", port }),
    clock: new FakeClock(),
    envelope: { host: "e", prefix: "/p", fields: [["Authorization", "Bearer t"]], withheld: [] },
  });
  const answer = await client.request({ method: "POST", target: "/a", body: encode("hello") });
  assertEquals(decode(answer.body), "e hello");
  const lent = await client.lease();
  const head = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nauthorization: no\r\n\r\n";
  lent.begin({
    method: "POST",
    headBytes: head.length,
    body: { kind: "length", bytes: 3 },
    saysClose: false,
  });
  await lent.write(encode(`${head}a`));
  assertEquals(lent.isSent, false);
  await lent.write(encode("bc"));
  assertEquals(lent.isSent, true);
  let body = "";
  for (let next = lent.next(); next.type !== "end"; next = lent.next()) {
    if (next.type === "data") body += decode(next.bytes);
    if (next.type === "need_data") await lent.read();
  }
  assertEquals(body, "e abc");
  lent.giveBack();
  assertEquals(seen, ["POST /p/a Bearer t", "POST /p/b Bearer t"]);
  client.close();
  await server.shutdown();
});
