/** `--token-file`: who may ask for what, over real connections (issue 6, item 8). */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { JsonAnswer, RunningProgram } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { assertProblem, BUILTIN, failToServe, tempDir, withProgram } from "./support/harness.ts";
import { askRaw } from "./support/raw_http.ts";
import { ADMIN, bearer, INFERENCE, signIn, tokenTest, writeTokens } from "./support/tokens.ts";

const MIRROR = fromFileUrl(new URL("../support/engines/mirror.py", import.meta.url));

const UNAUTHORIZED = { status: 401, code: "unauthorized" };
const FORBIDDEN = { status: 403, code: "forbidden_role" };

tokenTest("without a token everything but /health is 401 and does nothing", async (program) => {
  assertEquals((await program.json("/health")).body.status, "ok");
  for (const [path, method] of REQUESTS) {
    const answer = await program.json(path, { method });
    assertRefused(answer, UNAUTHORIZED);
    assertEquals(answer.headers.get("www-authenticate"), "Bearer", path);
  }
  for (const [name, authorization] of Object.entries(NO_TOKENS)) {
    const answer = await program.json("/api/engines", { headers: { authorization } });
    assertProblem(answer, UNAUTHORIZED);
    assertEquals(JSON.stringify(answer.body).includes(ADMIN), false, name);
  }
  const { body } = await program.json("/api/engines", { headers: bearer(ADMIN) });
  assertEquals([body.engines[0].state, body.engines[0].reason], ["stopped", null]);
});

/** Each is another door. */
const REQUESTS = [
  ["/", "GET"],
  ["/api/engines", "GET"],
  ["/api/limits", "GET"],
  ["/api/events", "GET"],
  ["/api/engines/builtin/start", "POST"],
  ["/api/engines/builtin/input", "POST"],
  ["/engines/builtin/start", "POST"],
  ["/upstream/builtin/health", "GET"],
  ["/v1/models", "GET"],
  ["/nothing", "GET"],
  ["/health", "POST"],
  [`/api/engines?token=${ADMIN}`, "GET"],
  [`/api/engines?access_token=${ADMIN}`, "GET"],
  [`/upstream/builtin/health?authorization=Bearer%20${ADMIN}`, "GET"],
] as const;

const NO_TOKENS = {
  "another token": `Bearer ${"0".repeat(64)}`,
  "half of it": `Bearer ${ADMIN.slice(0, 32)}`,
  "more than it": `Bearer ${ADMIN}0`,
  "in other letters": `Bearer ${ADMIN.toUpperCase()}`,
  "another scheme": `Basic ${btoa(`admin:${ADMIN}`)}`,
  "no scheme": ADMIN,
  "two": `Bearer ${ADMIN}, Bearer ${INFERENCE}`,
};

tokenTest("an admin's token opens everything", async (program) => {
  const headers = bearer(ADMIN);
  assertEquals((await program.json("/api/engines", { headers })).status, 200);
  const answer = await program.json("/api/engines/builtin/input", {
    headers,
    body: { input: "hello" },
  });
  assertEquals(answer.body.message, "You said: hello");
  assertEquals((await program.json("/upstream/builtin/health", { headers })).status, 200);
  const page = await program.fetch("/", { headers });
  assertMatch(await page.text(), /data-engine="builtin"/);
});

tokenTest("an inference token opens the engines only", async (program) => {
  const headers = bearer(INFERENCE);
  const answer = await program.json("/upstream/builtin/input", {
    headers,
    body: { input: "hello" },
  });
  assertEquals(answer.body.message, "You said: hello");
  const models = await program.json("/v1/models", { headers });
  assert(![401, 403].includes(models.status), `${models.status}`);
  for (const [path, method] of REQUESTS) {
    if (/^\/(v1|upstream)\//.test(path)) continue;
    assertRefused(await program.json(path, { method, headers }), FORBIDDEN);
  }
  const { host } = new URL(program.url);
  for (const path of ["/v1/../api/engines", "/v1/%2e%2E/api/engines", "/v1\\..\\api/engines"]) {
    const answer = await askRaw(program, [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${INFERENCE}`,
    ]);
    assertRefused(answer, FORBIDDEN);
  }
});

/** As a problem document, or in OpenAI's shape where clients of that ask. */
function assertRefused(answer: JsonAnswer, as: { readonly status: number; readonly code: string }) {
  if (answer.body?.error === undefined) return void assertProblem(answer, as);
  assertEquals([answer.status, answer.body.error.code], [as.status, as.code]);
}

tokenTest("the control socket asks for no token", async (program) => {
  const { code, stdout } = await program.run(["status", "--json"]);
  assertEquals([code, JSON.parse(stdout).engines[0].name], [3, "builtin"]);
  const proxy = { transport: "unix", path: program.control } as const;
  using client = Deno.createHttpClient({ proxy });
  const response = await fetch("http://localhost/upstream/builtin/health", { client });
  assertEquals([response.status, await response.json()], [200, { status: "ok" }]);
});

Deno.test("a Unix socket of --listen asks for a token", async () => {
  await using dir = await tempDir();
  const path = await writeTokens(dir.path);
  const socket = join(dir.path, "api.sock");
  const listen = ["127.0.0.1:0", `unix:${socket}`];
  await withProgram({ ...BUILTIN, listen, env: { AI_ENGINE_TOKEN_FILE: path } }, async () => {
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
    const ask = async (headers: HeadersInit) => {
      const response = await fetch("http://localhost/api/engines", { client, headers });
      await response.body?.cancel();
      return response.status;
    };
    assertEquals(await ask({}), 401);
    assertEquals(await ask(bearer(INFERENCE)), 403);
    assertEquals(await ask(bearer(ADMIN)), 200);
  });
});

Deno.test("an address for everybody is listened on with tokens, and only with them", async () => {
  const refused = await failToServe(...BUILTIN.args ?? [], "--listen", "0.0.0.0:0");
  assertEquals(refused.code, 6);
  assertMatch(refused.stderr, /can be reached from other machines[^]*--token-file/);
  await using dir = await tempDir();
  const path = await writeTokens(dir.path);
  const args = [...BUILTIN.args ?? [], "--token-file", path];
  await withProgram({ args, listen: ["0.0.0.0:0"] }, async (program) => {
    const { port } = new URL(program.url);
    const addresses = Deno.networkInterfaces()
      .filter(({ family }) => family === "IPv4")
      .map(({ address }) => address);
    assert(addresses.length > 0);
    for (const address of addresses) {
      const url = `http://${address}:${port}/api/engines`;
      const stranger = await fetch(url);
      assertEquals(stranger.status, 401, address);
      await stranger.body?.cancel();
      const friend = await fetch(url, { headers: bearer(ADMIN) });
      assertEquals(friend.status, 200, address);
      await friend.body?.cancel();
    }
    const lines = ["GET /api/engines HTTP/1.1", `Authorization: Bearer ${ADMIN}`];
    const rebound = await askLoopback(port, [...lines, `Host: evil.example:${port}`]);
    assertMatch(rebound, /^HTTP\/1\.1 421 /);
    const named = await askLoopback(port, [...lines, "Host: 192.0.2.1"]);
    assertMatch(named, /^HTTP\/1\.1 200 /);
  });
});

async function askLoopback(port: string, lines: readonly string[]): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await conn.write(new TextEncoder().encode([...lines, "Connection: close", "", ""].join("\r\n")));
  const buffer = new Uint8Array(1024);
  return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
}

tokenTest("signing in gives a cookie that opens pages, API and events", async (program) => {
  const first = await program.fetch("/", { headers: { accept: "text/html" } });
  assertEquals([first.status, first.headers.get("www-authenticate")], [401, "Bearer"]);
  const form = await first.text();
  assertMatch(form, /<form[^>]* method="post" action="\/login"/);
  for (const [, path = ""] of form.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
    const asset = await program.fetch(path);
    assertEquals(asset.status, 200, path);
    await asset.body?.cancel();
  }
  const { status, location, set, cookie } = await signIn(program, ADMIN);
  const { port } = new URL(program.url);
  assertEquals([status, location], [303, "/"]);
  assertMatch(
    set ?? "",
    new RegExp(
      `^ai-engine-login-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`,
    ),
  );
  assertEquals(set?.includes(ADMIN), false);
  const headers = { cookie: `theme=dark; ${cookie}` };
  assertMatch(await (await program.fetch("/", { headers })).text(), /Sign out/);
  assertEquals((await program.json("/api/engines", { headers })).status, 200);
  const stream = await program.fetch("/api/events", { headers });
  assertEquals(stream.status, 200);
  await stream.body?.cancel();
  const out = await program.fetch("/logout", { method: "POST", headers, redirect: "manual" });
  await out.body?.cancel();
  assertEquals(out.headers.get("location"), "/login");
  assertMatch(
    out.headers.get("set-cookie") ?? "",
    new RegExp(
      `^ai-engine-login-${port}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0$`,
    ),
  );
});

tokenTest(
  "a wrong token signs nobody in, and other sites sign nobody in or out",
  async (program) => {
    const wrong = `${"f".repeat(40)}"><script>alert(1)</script>`;
    const { status, set, text } = await signIn(program, wrong);
    assertEquals([status, set], [401, null]);
    assertNotMatch(text, /ffff|<script/);
    assertMatch(text, /none of the tokens/);
    for (const path of ["/login", "/logout"]) {
      for (
        const headers of [{ origin: "http://evil.example" }, { "sec-fetch-site": "same-site" }]
      ) {
        const body = new URLSearchParams({ token: ADMIN });
        const response = await program.fetch(path, { method: "POST", headers, body });
        await response.body?.cancel();
        assertEquals([response.status, response.headers.get("set-cookie")], [403, null], path);
      }
    }
    const byUrl = await program.fetch(`/login?token=${ADMIN}`);
    assertEquals([byUrl.status, byUrl.headers.get("set-cookie")], [200, null]);
    await byUrl.body?.cancel();
  },
);

Deno.test("a login outlives the program, and ends with its token", async () => {
  await using dir = await tempDir();
  const path = await writeTokens(dir.path);
  const args = [...BUILTIN.args ?? [], "--token-file", path];
  let cookie = "";
  let address = "";
  const ask = async (program: RunningProgram) => {
    return (await program.json("/api/engines", { headers: { cookie } })).status;
  };
  await withProgram({ args }, async (program) => {
    ({ cookie } = await signIn(program, ADMIN));
    address = new URL(program.url).host;
    assertEquals(await ask(program), 200);
  });
  await withProgram({ args, listen: [address] }, async (program) => {
    assertEquals(await ask(program), 200);
  });
  await writeTokens(dir.path, `admin ${ADMIN.slice(0, -1)}x\n`);
  await withProgram({ args, listen: [address] }, async (program) => {
    assertEquals(await ask(program), 401);
  });
});

tokenTest("an inference token signs in to what engines serve", async (program) => {
  const { status, location, cookie } = await signIn(program, INFERENCE);
  assertEquals([status, location], [303, "/login"]);
  const headers = { cookie, accept: "text/html" };
  assertEquals((await program.json("/upstream/builtin/health", { headers })).status, 200);
  const page = await program.fetch("/login", { headers });
  assertMatch(await page.text(), /signed in with a token for inference[^]*Sign out/);
  const start = await program.fetch("/", { headers });
  assertEquals(start.status, 403);
  assertMatch(await start.text(), /inference[^]*<form/);
});

tokenTest("an engine gets neither our token nor our login", async (program) => {
  const { cookie } = await signIn(program, ADMIN);
  const fieldsOf = async (headers: Record<string, string>) => {
    const { body } = await program.json("/upstream/mirror/x?y", { headers });
    assertEquals(body.target, "/x?y");
    const fields = body.fields as [string, string][];
    return fields.filter(([name]) => name === "cookie" || name === "authorization");
  };
  assertEquals(await fieldsOf(bearer(ADMIN)), []);
  assertEquals(await fieldsOf({ cookie }), []);
  assertEquals(await fieldsOf({ cookie: `a=1; ${cookie}; b="2"`, ...bearer(INFERENCE) }), [
    ["cookie", 'a=1; b="2"'],
  ]);
  assertEquals(
    await fieldsOf({ cookie: `ai-engine-login-1=x;${cookie}`, authorization: "Basic eA==" }),
    [
      ["authorization", "Basic eA=="],
    ],
  );
}, { args: ["--engine", MIRROR] });

Deno.test("a token file that can't be used is told, and nobody is served", async () => {
  await using dir = await tempDir();
  const secret = "not-a-role-but-a-secret";
  const path = await writeTokens(dir.path, `admin ${ADMIN}\n${secret} x\n`);
  const bad = await failToServe(...BUILTIN.args ?? [], "--token-file", path);
  assertEquals(bad.code, 6);
  assertMatch(bad.stderr, /tokens, line 2: .*neither admin nor inference[^]*try: Write/);
  assert(!bad.stderr.includes(secret) && !bad.stderr.includes(ADMIN), bad.stderr);
  await Deno.chmod(path, 0o640);
  const open = await failToServe(...BUILTIN.args ?? [], "--token-file", path);
  assertEquals(open.code, 6);
  assertMatch(open.stderr, /mode 0640[^]*chmod 600/);
});

tokenTest("what the program prints and tells holds no token", async (program) => {
  await using events = await openEvents(program);
  await program.json("/api/engines", { headers: bearer(ADMIN.slice(1)) });
  await program.json("/api/engines/builtin/start", { method: "POST", headers: bearer(ADMIN) });
  await signIn(program, INFERENCE);
  await events.state("ready");
  const told = JSON.stringify(events.events) + program.stdout + program.stderr;
  for (const token of [ADMIN, INFERENCE, ADMIN.slice(1)]) assertEquals(told.includes(token), false);
});

function openEvents(program: RunningProgram): Promise<EventStream> {
  return EventStream.open(program, "", bearer(ADMIN));
}
