import { assert, assertEquals } from "@std/assert";
import { connectionLimit } from "../../src/app/connection_limit.ts";

Deno.test("16,384 clients are served where descriptors do not end", () => {
  assertEquals(connectionLimit(Infinity), { connections: 16_384, lack: null });
  assertEquals(connectionLimit(1_048_576), { connections: 16_384, lack: null });
});

Deno.test("with few descriptors fewer are served, which is said", () => {
  assertEquals(connectionLimit(1_024).connections, 496);
  assertEquals(connectionLimit(64), {
    connections: 16,
    lack: "No more than 64 descriptors may be open, so that 16 clients are served at once.",
  });
});

Deno.test("with next to none at least one is served", () => {
  for (const descriptors of [0, 10, 32, 34]) {
    const { connections, lack } = connectionLimit(descriptors);
    assertEquals(connections, 1);
    assert(lack?.endsWith("so that one client is served at once."));
  }
});

Deno.test("with TLS a client takes four descriptors, and some are kept for those that leave", () => {
  const { connections, lack } = connectionLimit(1_024, { speaksTls: true });
  assertEquals(connections, 200);
  assertEquals(lack?.includes("200 clients"), true);
});
