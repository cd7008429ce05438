/** What of the traffic over lent connections shows that the peer works. */
import { assert, assertEquals } from "@std/assert";
import { UnixClient } from "../../src/pool/mod.ts";
import type { OutgoingRequest } from "../../src/http1/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ScriptedNet } from "../support/scripted_net.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { answer } from "./support/bench.ts";

const HEAD = new TextEncoder().encode("POST / HTTP/1.1\r\nHost: h\r\n\r\n");
const MEBIBYTE = 1024 * 1024;

function lendOne() {
  const stream = new ScriptedStream();
  const traffic = { moves: 0 };
  const net = new ScriptedNet(stream);
  const client = new UnixClient({ path: "/run/e.sock", net, clock: new FakeClock(), traffic });
  return { stream, traffic, client };
}

function post(bytes: number): OutgoingRequest {
  const body = { kind: "length", bytes } as const;
  return { method: "POST", headBytes: HEAD.length, body, saysClose: false };
}

Deno.test("each piece of an answer counts, requests and their end do not", async () => {
  const { stream, traffic, client } = lendOne();
  const connection = await client.lease();
  connection.begin(post(0));
  await connection.write(HEAD);
  assertEquals([connection.next().type, traffic.moves], ["need_data", 0]);
  stream.send("HTTP/1.1 200 OK\r\n\r\n");
  await connection.read();
  assertEquals([connection.next().type, traffic.moves], ["head", 1]);
  stream.send("x");
  await connection.read();
  assertEquals([connection.next().type, traffic.moves], ["data", 2]);
  stream.end();
  await connection.read();
  assertEquals(traffic.moves, 2);
  connection.close();
});

Deno.test("of a request counts what no system holds for a peer that does not read", async () => {
  const { traffic, client } = lendOne();
  const connection = await client.lease();
  connection.begin(post(3 * MEBIBYTE));
  await connection.write(HEAD);
  await connection.write(new Uint8Array(MEBIBYTE - HEAD.length));
  assertEquals(traffic.moves, 0);
  await connection.write(new Uint8Array(MEBIBYTE));
  assert(traffic.moves > 0);
  connection.close();
});

Deno.test("a tunnel counts as an answer does", async () => {
  const { stream, traffic, client } = lendOne();
  const connection = await client.lease();
  connection.begin({ ...post(0), upgrade: new TextEncoder().encode("x") });
  await connection.write(HEAD);
  stream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  await connection.read();
  assertEquals(connection.next().type, "upgraded");
  const tunnel = connection.takeOver().stream;
  const before = traffic.moves;
  await tunnel.write(new Uint8Array(10));
  assertEquals(traffic.moves, before);
  stream.send("y");
  assertEquals(await tunnel.read(new Uint8Array(10)), 1);
  assertEquals(traffic.moves, before + 1);
  await tunnel.write(new Uint8Array(2 * MEBIBYTE));
  assert(traffic.moves > before + 1);
  stream.end();
  const moves = traffic.moves;
  assertEquals([await tunnel.read(new Uint8Array(10)), traffic.moves], [null, moves]);
  tunnel.close();
});

Deno.test("a request of the client's own does not count: its failures must not look like life", async () => {
  const { stream, traffic, client } = lendOne();
  stream.send(answer("ok"));
  assertEquals((await client.request({ method: "GET", target: "/" })).status, 200);
  assertEquals(traffic.moves, 0);
  client.close();
});
