import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatListen, parseListen } from "../../src/config/parse_listen.ts";

Deno.test("parseListen() takes a host and a port", () => {
  const cases: readonly [string, string, number][] = [
    ["127.0.0.1:7411", "127.0.0.1", 7411],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["127.0.0.1:65535", "127.0.0.1", 65535],
    ["LocalHost:80", "localhost", 80],
    ["[::1]:8080", "::1", 8080],
    ["[0:0:0:0:0:0:0:1]:8080", "::1", 8080],
    ["0.0.0.0:80", "0.0.0.0", 80],
    ["my-host.lan:80", "my-host.lan", 80],
  ];
  for (const [text, hostname, port] of cases) {
    assertEquals(parseListen(text), { ok: true, value: { kind: "tcp", hostname, port } }, text);
  }
});

Deno.test("parseListen() takes everything behind unix: for a path", () => {
  for (const path of ["/tmp/a.sock", "a.sock", "../a b,c:80", "127.0.0.1:80", "unix:", "@a", " "]) {
    const value = { kind: "unix", path } as const;
    assertEquals(parseListen(`unix:${path}`), { ok: true, value }, path);
    assertEquals(formatListen(value), `unix:${path}`);
  }
});

const NEITHER = "where HOST:PORT or unix:PATH is expected";

Deno.test("parseListen() says why it refuses, with an example that it takes", () => {
  const cases: readonly [string, string][] = [
    ["", NEITHER],
    ["8080", "which has no host"],
    ["99999999999999999999", "which has no host"],
    ["localhost", NEITHER],
    ["localhost:", NEITHER],
    ["localhost:http", NEITHER],
    ["localhost:-1", NEITHER],
    ["localhost:80 ", NEITHER],
    ["::1:80", NEITHER],
    ["[::1]", NEITHER],
    ["http://127.0.0.1:80", NEITHER],
    ["127.0.0.1:65536", "whose port is over 65535"],
    [`127.0.0.1:${"9".repeat(400)}`, "whose port is over 65535"],
    [":80", "whose host can't be one"],
    ["*:80", "whose host can't be one"],
    ["a b:80", "whose host can't be one"],
    ["127.1:80", "whose host can't be one"],
    ["127.0.0.256:80", "whose host can't be one"],
    ["127.0.0.01:80", "whose host can't be one"],
    ["2130706433:80", "whose host can't be one"],
    ["[]:80", "whose host can't be one"],
    ["[::1%lo]:80", "whose host can't be one"],
    ["[::g]:80", "whose host can't be one"],
    ["[1::2::3]:80", "whose host can't be one"],
    ["local\0host:80", "whose host can't be one"],
    ["-x:80", "whose host can't be one"],
    ["127.0.0.1:80,127.0.0.1:81", NEITHER],
    ["/tmp/a.sock", NEITHER],
    ["UNIX:/tmp/a.sock", NEITHER],
    ["unix", NEITHER],
    ["unix:", "which names no path"],
    ["unix:a\0b", "which names no path"],
  ];
  for (const [text, why] of cases) {
    const parsed = parseListen(text);
    assert(!parsed.ok, text);
    assertEquals(parsed.why, why, text);
    assert(parseListen(parsed.example).ok, parsed.example);
  }
});

Deno.test("parseListen() reads what formatListen() writes", () => {
  const hostname = fc.oneof(fc.ipV4(), fc.constantFrom("localhost", "::1", "::"));
  fc.assert(fc.property(hostname, fc.integer({ min: 0, max: 65535 }), (hostname, port) => {
    const value = { kind: "tcp", hostname, port } as const;
    assertEquals(parseListen(formatListen(value)), { ok: true, value });
  }));
});

Deno.test("parseListen() never throws, and what it takes has a port that exists", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const parsed = parseListen(`${text}:80`);
    assert(!parsed.ok || parsed.value.kind === "unix" || parsed.value.port === 80);
  }));
});
