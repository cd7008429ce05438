import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openListeners } from "../../src/app/listeners.ts";
import { ConfigError, type StreamListener } from "../../src/core/mod.ts";

const FREE_PORT = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;

async function withDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("openListeners() listens on everything, in the order of the settings", () =>
  withDir(async (dir) => {
    const path = join(dir, "api");
    const control = join(dir, "control");
    const unix = { kind: "unix", path } as const;
    const opened = await openListeners({ control, listen: [FREE_PORT, unix, FREE_PORT] });
    try {
      assertEquals(opened.control.address, { kind: "unix", path: control });
      assertEquals(opened.listen.map(({ address }) => address.kind), ["tcp", "unix", "tcp"]);
      const ports = opened.listen.map(portOf).filter((port) => port !== null);
      assertEquals(ports.includes(0), false);
      assertEquals(new Set(ports).size, 2);
      for (const port of ports) (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      (await Deno.connect({ transport: "unix", path })).close();
    } finally {
      for (const listener of [opened.control, ...opened.listen]) listener.close();
    }
  }));

Deno.test("openListeners() closes what it has opened when something can't be", () =>
  withDir(async (dir) => {
    const control = join(dir, "control");
    const unix = { kind: "unix", path: join(dir, "api") } as const;
    const nowhere = { kind: "unix", path: join(dir, "none", "api") } as const;
    const open = () => openListeners({ control, listen: [unix, FREE_PORT, nowhere] });
    const error = await assertRejects(open, ConfigError, nowhere.path);
    assertEquals(error.code, "config_invalid");
    assertEquals(Array.from(Deno.readDirSync(dir)), []);
  }));

Deno.test("openListeners() tells of two names of one address, not of another program", () =>
  withDir(async (dir) => {
    const port = freePort();
    const address = { ...FREE_PORT, port };
    const control = join(dir, "control");
    // Settings with two names of it, as localhost may be one, reach this as two times the same.
    const open = () => openListeners({ control, listen: [address, address] });
    const error = await assertRejects(open, ConfigError);
    assertEquals([error.code, error.message], [
      "port_in_use",
      `127.0.0.1:${port} is in use, most likely by our own 127.0.0.1:${port}.`,
    ]);
  }));

function portOf({ address }: StreamListener): number | null {
  return address.kind === "unix" ? null : address.port;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
