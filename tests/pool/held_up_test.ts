/** A loop that was held up, by the real clock: what the peer did in time counts. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { join } from "@std/path";
import { TimeoutError } from "../../src/core/mod.ts";
import { SystemClock, systemNet } from "../../src/platform/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";
import { rejection, text } from "./support/bench.ts";

const GET = { method: "GET", target: "/status" } as const;
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const LIMIT_MS = 20;

/** Nothing else is done meanwhile. */
function holdUp(): void {
  const endsAt = performance.now() + 20 * LIMIT_MS;
  while (performance.now() < endsAt);
}

async function withClient(
  body: (client: UnixClient, listener: Deno.Listener) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "e.sock");
  const clock = new SystemClock();
  const client = new UnixClient({ path, net: systemNet, clock, engine: "e" });
  try {
    using listener = Deno.listen({ transport: "unix", path });
    await body(client, listener);
  } finally {
    client.close();
    clock.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function answer(listener: Deno.Listener): Promise<void> {
  using conn = await listener.accept();
  await conn.read(new Uint8Array(1_024));
  await conn.write(new TextEncoder().encode(ANSWER));
}

Deno.test("a connection that is there when the loop goes on is not late", async () => {
  await withClient(async (client, listener) => {
    const answered = answer(listener);
    const response = client.request(GET, { connectMs: LIMIT_MS });
    holdUp();
    assertEquals(text((await response).body), "hello");
    await answered;
  });
});

Deno.test("a head that never comes is late, however long the loop was held up", async () => {
  await withClient(async (client, listener) => {
    const accepted = listener.accept();
    const response = rejection(client.request(GET, { headMs: LIMIT_MS }));
    using _conn = await accepted;
    holdUp();
    assertInstanceOf(await response, TimeoutError);
  });
});
