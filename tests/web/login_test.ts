/** Signing in and out, without the front that asks for tokens. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { Tokens } from "../../src/access/mod.ts";
import { ModelTable } from "../../src/config/mod.ts";
import { AccessError } from "../../src/core/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { createWeb } from "../../src/web/mod.ts";
import { newFigures } from "../support/figures.ts";
import { newLogBook } from "../support/new_log_book.ts";
import { newRecords } from "../support/request_records.ts";
import { codeOf, CONTROL, problemOf, WebWorld } from "./support/web_world.ts";

const ADMIN = "0123456789abcdef0123456789abcdef";
const INFERENCE = "fedcba9876543210fedcba9876543210";
const tokens = await Tokens.of([
  { role: "admin", token: ADMIN },
  { role: "inference", token: INFERENCE },
], hmacSha256);

const HTML = { accept: "text/html,*/*;q=0.8" };

function guarded(): WebWorld {
  return new WebWorld(["echo"], { tokens });
}

function signIn(world: WebWorld, token: string, headers: HeadersInit = HTML): Promise<Response> {
  return world.post("/login", { body: new URLSearchParams({ token }), headers });
}

const cookieOf = (token: string) => `ai-engine-login-7411=${tokens.login(token)?.cookieValue}`;

Deno.test("where no tokens are set there is nothing to sign in to, or out of", async () => {
  const world = new WebWorld();
  assertEquals(await codeOf(await world.ask("/login")), "404 not_found");
  assertEquals(await codeOf(await world.post("/login")), "404 not_found");
  assertEquals(await codeOf(await world.post("/logout")), "404 not_found");
  assertNotMatch(await (await world.ask("/")).text(), /Sign out/);
});

Deno.test("the page to sign in on needs no script, runs nothing inline and isn't kept", async () => {
  const response = await guarded().ask("/login", { headers: HTML });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertMatch(response.headers.get("content-security-policy") ?? "", /form-action 'self'/);
  const html = await response.text();
  assertNotMatch(html, /<script|<style|\sstyle=|\son[a-z]+=|Sign out/);
  assertMatch(html, /<form[^>]* method="post" action="\/login">/);
  assertMatch(html, /<label for="token">[^]*<input[^>]* id="token" name="token" type="password"/);
});

Deno.test("who has signed in sees the pages, and who may see them sees no page to sign in on", async () => {
  const world = guarded();
  const admin = await world.ask("/login", { headers: { cookie: cookieOf(ADMIN) } });
  assertEquals([admin.status, admin.headers.get("location")], [303, "/"]);
  const inference = await world.ask("/login", { headers: { cookie: cookieOf(INFERENCE) } });
  assertEquals(inference.status, 200);
  assertMatch(await inference.text(), /with a token for inference[^]*action="\/logout"/);
  assertMatch(await (await world.ask("/")).text(), /action="\/logout"[^]*Sign out/);
});

Deno.test("signing in gives a cookie, on the port that the browser sees", async () => {
  const world = guarded();
  for (const host of ["127.0.0.1:7411", "localhost:9000", "localhost"]) {
    const response = await signIn(world, ` ${ADMIN}\r\n`, { ...HTML, host });
    const port = host.split(":")[1] ?? "80";
    assertEquals([response.status, response.headers.get("location")], [303, "/"]);
    assertEquals(
      response.headers.get("set-cookie"),
      `ai-engine-login-${port}=${tokens.login(ADMIN)?.cookieValue}; ` +
        "Path=/; HttpOnly; SameSite=Strict",
    );
  }
});

Deno.test("signing out takes the cookie away, whoever asks", async () => {
  for (const headers of [{}, { cookie: cookieOf(ADMIN) }, { cookie: "a=b" }]) {
    const response = await guarded().post("/logout", { headers });
    assertEquals([response.status, response.headers.get("location")], [303, "/login"]);
    assertEquals(
      response.headers.get("set-cookie"),
      "ai-engine-login-7411=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    );
  }
  assertEquals(await codeOf(await guarded().ask("/logout")), "405 method_not_allowed");
});

Deno.test("what is no token is refused, and stands nowhere in the answer", async () => {
  const evil = `"><script>zqxj</script>\r\nset-cookie: zqxj=1`;
  for (const token of [evil, "zqxj", `${ADMIN}zqxj`, "", cookieOf(ADMIN).split("=")[1] ?? ""]) {
    for (const headers of [HTML, { accept: "application/json" }]) {
      const response = await signIn(guarded(), token, headers);
      assertEquals([response.status, response.headers.get("www-authenticate")], [401, "Bearer"]);
      assertEquals(response.headers.get("set-cookie"), null);
      const isPage = headers === HTML;
      const text = isPage ? await response.text() : JSON.stringify(await problemOf(response));
      assertMatch(text, /none of the tokens/);
      assertNotMatch(text, /zqxj|<script/);
      assertEquals(text.includes("<form"), isPage);
    }
  }
});

Deno.test("a form without a token, or a body that is no form, is told as such", async () => {
  const world = guarded();
  for (const body of ["", "nothing", "tokens=x", `{"token":"${ADMIN}"}`]) {
    assertEquals(await codeOf(await world.post("/login", { body })), "422 bad_input");
  }
  const large = await problemOf(await world.post("/login", { body: "x".repeat(4_097) }));
  assertEquals([large.status, large.detail], [413, "The body is larger than 4096 bytes."]);
});

Deno.test("browsers get the page to sign in on where a token is missing or not good enough", async () => {
  const { supervisor, events, clock } = guarded();
  const web = createWeb({
    ...{ supervisor, events, clock, tokens, version: "0.1.0" },
    modelsDir: null,
    urls: [],
    models: new ModelTable([], { defaultModel: null }),
    random: { hex: () => "7f", fraction: () => 0 },
    close: () => {},
    bounds: () => [],
    requests: newRecords(clock).book,
    profile: () => Promise.reject(new TypeError("no profile was expected")),
    figures: newFigures(),
    logs: newLogBook(clock),
    config: () => Promise.resolve({ path: null, settings: [], later: [] }),
    reload: () => Promise.reject(new TypeError("no reload was expected")),
  });
  for (const [code, status] of [["unauthorized", 401], ["forbidden_role", 403]] as const) {
    const error = new AccessError(code, { detail: "<b>zqxj</b>", remedy: "Mend it." });
    const page = await web.renderError(error, { accept: HTML.accept });
    assertEquals(page.status, status);
    assertEquals(page.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
    const html = await page.text();
    assertMatch(html, /&lt;b&gt;zqxj[^]*action="\/login"/);
    const problem = await problemOf(await web.renderError(error, { accept: null }));
    assertEquals([problem.code, problem.remedy], [code, "Mend it."]);
  }
  const other = new AccessError("wrong_host", { detail: "No.", remedy: "Mend it." });
  assertNotMatch(await (await web.renderError(other, { accept: HTML.accept })).text(), /<form/);
});

Deno.test("the control socket has the same pages", async () => {
  const response = await guarded().ask("/", { listener: CONTROL });
  assert(response.ok);
  await response.body?.cancel();
});
