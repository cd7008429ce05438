/** Pages of other origins, and other names of ours: off, and opened by name. */
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { RunningProgram } from "../support/program.ts";
import { tempDir, withProgram } from "./support/harness.ts";
import { askRaw } from "./support/raw_http.ts";

const MIRROR = fromFileUrl(new URL("../support/engines/mirror.py", import.meta.url));
const ORIGIN = "https://chat.example.com";

async function withAccess(
  access: string,
  body: (program: RunningProgram) => Promise<void>,
  tokens = "",
): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await Deno.writeTextFile(join(dir.path, "tokens"), tokens, { mode: 0o600 });
  const engines = `engines: {mirror: {command: [python3, "${MIRROR}"]}, builtin: {kind: builtin}}`;
  await Deno.writeTextFile(path, `${engines}\naccess: ${access}\n`);
  await withProgram({ args: ["--config", path] }, body);
}

async function ask(program: RunningProgram, lines: readonly string[]) {
  const { host } = new URL(program.url);
  const hasHost = lines.some((line) => line.startsWith("Host:"));
  return await askRaw(program, hasHost ? lines : [...lines, `Host: ${host}`]);
}

const PREFLIGHT = [
  `Origin: ${ORIGIN}`,
  "Sec-Fetch-Site: cross-site",
  "Access-Control-Request-Method: POST",
  "Access-Control-Request-Headers: authorization, content-type",
];

Deno.test("a page of an origin that is opened may use engines and API, and is told so", async () => {
  await withAccess(`{origins: ["${ORIGIN}"]}`, async (program) => {
    for (const path of ["/v1/models", "/api/engines", "/upstream/mirror/x", "/api/nothing"]) {
      const preflight = await ask(program, [`OPTIONS ${path} HTTP/1.1`, ...PREFLIGHT]);
      assertEquals(preflight.status, 204, path);
      assertEquals(preflight.headers.get("access-control-allow-origin"), ORIGIN, path);
      assertEquals(preflight.headers.get("access-control-allow-methods"), "POST", path);
      const allowed = preflight.headers.get("access-control-allow-headers");
      assertEquals(allowed, "authorization, content-type", path);
      const lines = [`GET ${path} HTTP/1.1`, `Origin: ${ORIGIN}`, "Sec-Fetch-Site: cross-site"];
      const answer = await ask(program, lines);
      assertEquals(answer.status, path === "/api/nothing" ? 404 : 200, path);
      assertEquals(answer.headers.get("access-control-allow-origin"), ORIGIN, path);
      assertEquals(answer.headers.get("vary"), "Origin", path);
    }
  });
});

Deno.test("a preflight needs no token, what comes after it does, and its refusal can be read", async () => {
  await withAccess(`{origins: ["${ORIGIN}"], tokenFile: tokens}`, async (program) => {
    const path = "/upstream/mirror/";
    assertEquals((await ask(program, [`OPTIONS ${path} HTTP/1.1`, ...PREFLIGHT])).status, 204);
    const refused = await ask(program, [`GET ${path} HTTP/1.1`, `Origin: ${ORIGIN}`]);
    assertEquals(refused.status, 401);
    assertEquals(refused.headers.get("access-control-allow-origin"), ORIGIN);
    const bearer = `Authorization: Bearer ${"t".repeat(40)}`;
    const answer = await ask(program, [`GET ${path} HTTP/1.1`, `Origin: ${ORIGIN}`, bearer]);
    assertEquals(answer.status, 200);
    // An OPTIONS that is no preflight is a request as any other.
    const options = await ask(program, [`OPTIONS ${path} HTTP/1.1`, `Origin: ${ORIGIN}`]);
    assertEquals(options.status, 401);
  }, `inference ${"t".repeat(40)}\n`);
});

Deno.test("what is not opened stays closed: other origins, pages, requests that say no origin", async () => {
  await withAccess(`{origins: ["${ORIGIN}"]}`, async (program) => {
    const closed = [
      ["GET /v1/models HTTP/1.1", "Origin: https://evil.example"],
      ["GET /v1/models HTTP/1.1", `Origin: ${ORIGIN}.evil.example`],
      ["GET /v1/models HTTP/1.1", "Origin: http://chat.example.com"],
      ["GET /v1/models HTTP/1.1", "Origin: null"],
      ["GET /v1/models HTTP/1.1", "Sec-Fetch-Site: cross-site"],
      ["POST /engines/builtin/start HTTP/1.1", `Origin: ${ORIGIN}`, "Content-Length: 0"],
      ["POST /login HTTP/1.1", `Origin: ${ORIGIN}`, "Content-Length: 0"],
      ["POST /api/../login HTTP/1.1", `Origin: ${ORIGIN}`, "Content-Length: 0"],
      ["OPTIONS / HTTP/1.1", ...PREFLIGHT],
    ];
    for (const lines of closed) {
      const { status, headers } = await ask(program, lines);
      assertEquals(status, 403, lines.join(", "));
      assertEquals(headers.has("access-control-allow-origin"), false, lines.join(", "));
    }
  });
});

Deno.test("by default no other origin and no other name is served", async () => {
  await withAccess("{}", async (program) => {
    assertEquals((await ask(program, ["OPTIONS /v1/models HTTP/1.1", ...PREFLIGHT])).status, 403);
    const other = await ask(program, ["GET /v1/models HTTP/1.1", "Host: ai.example.com"]);
    assertEquals(other.status, 421);
  });
});

Deno.test("a name that is ours is served, with the pages of a proxy that speaks TLS for it", async () => {
  await withAccess("{hosts: [AI.example.com]}", async (program) => {
    const host = "Host: ai.example.com";
    const get = (...lines: string[]) => ask(program, ["GET /api/engines HTTP/1.1", ...lines]);
    assertEquals((await get(host)).status, 200);
    assertEquals((await get("Host: Ai.Example.Com:8443")).status, 200);
    assertEquals((await get(host, "Origin: https://ai.example.com")).status, 200);
    assertEquals((await get(host, "Origin: https://ai.example.com:8443")).status, 403);
    assertEquals((await get(host, "Origin: https://evil.example")).status, 403);
    assertEquals((await get("Host: sub.ai.example.com")).status, 421);
    assertEquals((await get("Host: localhost", "Origin: https://localhost")).status, 403);
  });
});
