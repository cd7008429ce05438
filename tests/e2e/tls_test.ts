/** `listen.tls`: the program speaks TLS, with a certificate made for the test. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type Certified, certified } from "../support/certificates.ts";
import { eventually, type RunningProgram, runProgram } from "../support/program.ts";
import { SOON, withProgram } from "./support/harness.ts";
import { ADMIN, bearer, writeTokens } from "./support/tokens.ts";

const MIRROR = fromFileUrl(new URL("../support/engines/mirror.py", import.meta.url));
const ENGINE = `engines: {mirror: {command: ["${MIRROR}"]}}\n`;

interface TlsWorld extends Certified {
  readonly program: RunningProgram;
  /** Trusts the authority of the test alone. */
  readonly client: Deno.HttpClient;
  readonly config: string;
  ask(path: string, init?: RequestInit): Promise<Response>;
}

/** The configuration with `access` and the files of TLS, which stand beside it. */
const withTls = (more = "") => `listen: {tls: {cert: cert.pem, key: key.pem}}\n${more}${ENGINE}`;

function tlsTest(
  name: string,
  body: (world: TlsWorld) => Promise<void>,
  { text = withTls(), listen = ["127.0.0.1:0"] }: {
    readonly text?: string;
    readonly listen?: readonly string[];
  } = {},
): void {
  Deno.test(name, async () => {
    await using made = await certified();
    const config = join(made.dir, "ai-engine.yaml");
    await Deno.writeTextFile(config, text);
    await writeTokens(made.dir);
    using client = Deno.createHttpClient({ caCerts: [made.authority] });
    await withProgram({ listen, args: ["--config", config], env: SOON }, (program) =>
      body({
        ...made,
        program,
        client,
        config,
        ask: (path, init) => fetch(program.url + path, { ...init, client, redirect: "manual" }),
      }));
  });
}

/** Sends `body` as it is; gives all that comes back. */
async function sendPlain(port: number, body: string): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(body));
  return await new Response(conn.readable).text();
}

tlsTest(
  "pages, API and engines are served over TLS, and the engine is told so",
  async ({ program, ask }) => {
    assertMatch(program.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const page = await ask("/");
    assertMatch(page.headers.get("content-type") ?? "", /^text\/html/);
    assertStringIncludes(await page.text(), "mirror");
    const { fields } = await (await ask("/upstream/mirror/x")).json();
    assertEquals(Object.fromEntries(fields)["x-forwarded-proto"], "https");
    // Commands use the control socket, which is as it was.
    assertEquals((await program.run(["stop", "mirror"])).code, 0);
  },
);

tlsTest(
  "our own pages may act, those of the same host in plain HTTP may not",
  async ({ program, ask }) => {
    const start = async (origin: string) => {
      const init = { method: "POST", headers: { origin } };
      const response = await ask("/api/engines/mirror/start", init);
      await response.body?.cancel();
      return response.status;
    };
    assertEquals(await start(program.url), 200);
    assertEquals(await start(program.url.replace("https", "http")), 403);
  },
);

tlsTest("who signs in gets a Secure cookie, which lets in", async ({ program, ask }) => {
  const signedIn = await ask("/login", {
    method: "POST",
    headers: { origin: program.url },
    body: new URLSearchParams({ token: ADMIN }),
  });
  await signedIn.body?.cancel();
  const set = signedIn.headers.get("set-cookie") ?? "";
  assertMatch(set, /^ai-engine-login-\d+=\S+; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  const [cookie = ""] = set.split(";");
  for (const [headers, status] of [[{ cookie }, 200], [bearer(ADMIN), 200], [{}, 401]] as const) {
    const response = await ask("/api/engines", { headers });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
}, { text: withTls("access: {tokenFile: tokens}\n") });

tlsTest(
  "plain HTTP, garbage and silence are closed, and TLS is served meanwhile",
  async ({ program, ask }) => {
    const port = Number(new URL(program.url).port);
    const silent = await Deno.connect({ hostname: "127.0.0.1", port });
    const plain = await sendPlain(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(plain.includes("HTTP"), false);
    await sendPlain(port, "\x16\x03\x01\x00\x05hello");
    assertEquals((await (await ask("/health")).json()).status, "ok");
    // After `limits.head`.
    assertEquals(await silent.read(new Uint8Array(1)), null);
    silent.close();
    const { limits } = await (await ask("/api/limits")).json();
    const handshakes = limits.find(({ name }: { name: string }) => name === "handshake_ms");
    assertEquals([handshakes.limit, handshakes.refused], [1_500, 3]);
  },
  { text: withTls("limits: {head: 1.5s}\n") },
);

tlsTest(
  "a reload shows another certificate to new connections; a bad one changes nothing",
  async (world) => {
    const { program, certFile, keyFile } = world;
    await using other = await certified();
    const get = async (client: Deno.HttpClient) =>
      (await (await fetch(`${program.url}/health`, { client })).json()).status;
    await Deno.writeTextFile(certFile, other.server.cert);
    const refused = await program.run(["config", "reload"]);
    assertEquals(refused.code, 6, refused.stderr);
    assertMatch(
      refused.stderr,
      /ai-engine\.yaml:1:37: The key \S+ is not that of the certificate\./,
    );
    using before = Deno.createHttpClient({ caCerts: [world.authority] });
    assertEquals(await get(before), "ok");
    await Deno.writeTextFile(keyFile, other.server.key);
    assertEquals((await program.run(["config", "reload"])).code, 0);
    using after = Deno.createHttpClient({ caCerts: [other.authority] });
    assertEquals(await get(after), "ok");
    // What was open goes on.
    assertEquals(await get(before), "ok");
  },
);

tlsTest("to end with TLS takes a restart, which the reload says", async (world) => {
  const { program, config, ask } = world;
  await Deno.writeTextFile(config, ENGINE);
  const { code, stdout } = await program.run(["config", "reload", "--json"]);
  assertEquals([code, JSON.parse(stdout).later], [0, ["listen.tls.cert", "listen.tls.key"]]);
  assertEquals((await (await ask("/health")).json()).status, "ok");
});

tlsTest("a key that everybody can read is told of", async ({ program, keyFile, ask }) => {
  await (await ask("/health")).body?.cancel();
  assertEquals(program.stderr.includes("Key not private"), false);
  await Deno.chmod(keyFile, 0o644);
  assertEquals((await program.run(["config", "reload"])).code, 0);
  await eventually("the notice", () => Promise.resolve(program.stderr.includes("Key not private")));
});

tlsTest("Unix sockets that are listened on stay plain", async ({ program, dir }) => {
  assertMatch(program.stdout, /^ +open +https:.*\n +socket +\/.*api\.sock$/m);
  const proxy = { transport: "unix", path: join(dir, "api.sock") } as const;
  using client = Deno.createHttpClient({ proxy });
  assertEquals((await (await fetch("http://localhost/health", { client })).json()).status, "ok");
}, {
  text: `listen: {address: [127.0.0.1:0, "unix:api.sock"], tls: {cert: cert.pem, key: key.pem}}\n` +
    ENGINE,
  listen: [],
});

Deno.test("files that can't be used are told with their places by `config check`, `serve` and a reload", async () => {
  await using made = await certified();
  const config = join(made.dir, "ai-engine.yaml");
  const run = async (action: readonly string[], text: string) => {
    await Deno.writeTextFile(config, text + ENGINE);
    const { code, stderr } = await runProgram([...action, "--config", config], {
      runtimeDir: made.dir,
    });
    assertEquals(code, 6, stderr);
    return stderr;
  };
  for (const action of [["config", "check"], ["serve", "--listen", "127.0.0.1:0"]]) {
    const both = await run(action, "listen:\n  tls:\n    cert: none.pem\n    key: no.key\n");
    assertMatch(both, /ai-engine\.yaml:3:11: The certificate \S+none\.pem is not there\./);
    assertMatch(both, /ai-engine\.yaml:4:10: The key \S+no\.key is not there\.\n +try: Correct/);
    const other = await run(action, "listen: {tls: {cert: cert.pem, key: ca.key}}\n");
    assertMatch(other, /ai-engine\.yaml:1:37: The key \S+ca\.key is not that of the certificate\./);
  }
  const open = await run(
    ["serve", "--listen", "0.0.0.0:0"],
    "listen: {tls: {cert: cert.pem, key: key.pem}}\n",
  );
  assertMatch(open, /0\.0\.0\.0 can be reached from other machines/);
});
