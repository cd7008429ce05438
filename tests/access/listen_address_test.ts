import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { checkListenAddress, isLoopback, parseHost } from "../../src/access/mod.ts";
import { ConfigError } from "../../src/core/mod.ts";

for (const hostname of ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1", "[::1]"]) {
  Deno.test(`checkListenAddress() takes ${hostname}`, () => {
    checkListenAddress({ kind: "tcp", hostname, port: 7411 }, { hasTokens: false });
  });
}

Deno.test("checkListenAddress() takes a Unix socket", () => {
  checkListenAddress({ kind: "unix", path: "/run/api.sock" }, { hasTokens: false });
});

for (
  const hostname of [
    "0.0.0.0",
    "::",
    "[::]",
    "192.168.1.5",
    "example.com",
    "",
    "127.0.0.1.",
    "127.1",
  ]
) {
  Deno.test(`checkListenAddress() refuses "${hostname}" with a sentence`, () => {
    const address = { kind: "tcp", hostname, port: 80 } as const;
    const error = assertThrows(
      () => checkListenAddress(address, { hasTokens: false }),
      ConfigError,
    );
    assertEquals(error.code, "config_invalid");
    assertEquals(
      error.message,
      `The listen address ${hostname} can be reached from other machines, ` +
        "and anyone there could start and stop engines.",
    );
    assertEquals(
      error.remedy,
      "Name a file of tokens with --token-file, or use a loopback address, for example " +
        "--listen 127.0.0.1:80.",
    );
    checkListenAddress(address, { hasTokens: true });
  });
}

Deno.test("isLoopback() takes exactly the addresses that begin with 127", () => {
  fc.assert(fc.property(fc.ipV4(), (address) => {
    assertEquals(isLoopback(address), address.startsWith("127."));
  }));
});

Deno.test("parseHost() gives back what was put together", () => {
  fc.assert(fc.property(fc.domain(), fc.nat(65_535), (hostname, port) => {
    const expected = { hostname: hostname.toLowerCase(), port, isLoopback: false };
    assertEquals(parseHost(`${hostname}:${port}`), expected);
    assertEquals(parseHost(hostname), { ...expected, port: null });
  }));
});
