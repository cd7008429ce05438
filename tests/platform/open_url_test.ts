import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openUrl } from "../../src/platform/mod.ts";
import { eventually } from "../support/program.ts";

const PROGRAM = Deno.build.os === "darwin" ? "open" : "xdg-open";

/** Calls `openUrl` where what shows URLs is `script`, of sh; without one there is none. */
async function openWith(script: string | null, url: string): Promise<[boolean, string | null]> {
  const dir = await Deno.makeTempDir();
  const path = Deno.env.get("PATH") ?? "";
  const seen = join(dir, "seen");
  try {
    if (script !== null) {
      const text = `#!/bin/sh\nprintf %s "$1" > ${seen}.new\nmv ${seen}.new ${seen}\n${script}\n`;
      await Deno.writeTextFile(join(dir, PROGRAM), text, { mode: 0o755 });
    }
    Deno.env.set("PATH", script === null ? dir : `${dir}:${path}`);
    const isOpen = await openUrl(url);
    if (script === null) return [isOpen, null];
    Deno.env.set("PATH", path);
    const read = () => Deno.readTextFile(seen).catch(() => null);
    await eventually("the URL", async () => await read() !== null);
    return [isOpen, await read()];
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("openUrl() hands the URL over as it is, and tells whether that could be done", async () => {
  const url = "http://127.0.0.1:7411/?a=$(id)&b='";
  assertEquals(await openWith("exit 0", url), [true, url]);
  assertEquals(await openWith("exit 3", url), [false, url]);
  assertEquals(await openWith(null, url), [false, null]);
});

Deno.test({
  name: "openUrl() does not wait for a browser that stays",
  // The process goes on by itself, as a browser does.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    assertEquals(await openWith("exec sleep 3", "http://x"), [true, "http://x"]);
  },
});
