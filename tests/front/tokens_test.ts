/** Tokens where requests come in: front, access and the real pages together, byte for byte. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Tokens } from "../../src/access/mod.ts";
import { ModelTable } from "../../src/config/mod.ts";
import { EventBus } from "../../src/events/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { createWeb } from "../../src/web/mod.ts";
import { FakeSupervisor } from "../support/fake_supervisor.ts";
import { newFigures } from "../support/figures.ts";
import { newLogBook } from "../support/new_log_book.ts";
import { newRecords } from "../support/request_records.ts";
import { FrontWorld, get } from "./support/front_world.ts";

const ADMIN = "0123456789abcdef0123456789abcdef";
const INFERENCE = "fedcba9876543210fedcba9876543210";
const tokens = await Tokens.of([
  { role: "admin", token: ADMIN },
  { role: "inference", token: INFERENCE },
], hmacSha256);

/** A front with the real pages, and what of requests came how far. */
class House {
  /** Paths as the router of the pages takes them. */
  readonly routed: string[] = [];
  /** Targets that were for engines. */
  readonly forwarded: string[] = [];
  readonly supervisor: FakeSupervisor;
  readonly world: FrontWorld;

  constructor(kind: "tcp" | "control" = "tcp") {
    const events = new EventBus({ boot: "b0" });
    const clock = { now: () => 0, wall: () => 0, at: () => ({ cancel: () => {} }) };
    this.supervisor = new FakeSupervisor({ clock, events, engines: ["echo"] });
    const web = createWeb({
      supervisor: this.supervisor,
      events,
      clock,
      random: { hex: (bytes) => "7f".repeat(bytes), fraction: () => 0.5 },
      tokens,
      models: new ModelTable([], { defaultModel: null }),
      modelsDir: null,
      urls: [],
      version: "0.1.0",
      close: () => {},
      bounds: () => [],
      requests: newRecords(clock).book,
      profile: () => Promise.reject(new TypeError("no profile was expected")),
      figures: newFigures(),
      logs: newLogBook(clock),
      config: () => Promise.resolve({ path: null, settings: [], later: [] }),
      reload: () => Promise.reject(new TypeError("no reload was expected")),
    });
    this.world = new FrontWorld({
      kind,
      tokens,
      ours: (request, context) => {
        this.routed.push(decoded(new URL(request.url).pathname));
        return web.handle(request, context);
      },
      forward: async (exchange) => {
        this.forwarded.push(exchange.request.target);
        const plan = exchange.planResponse({ status: 204, body: { kind: "none" } });
        const head = new TextEncoder().encode("HTTP/1.1 204 No Content\r\n\r\n");
        await exchange.send(head, { plan, bodyBytes: 0, then: "end" });
      },
      renderError: web.renderError,
    });
  }

  /** The answer to a request for `target`. */
  async ask(target: string, ...fields: readonly string[]): Promise<string> {
    return (await this.world.ask(get(target, ...fields))).writtenText;
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

Deno.test("each request of a connection is asked for its own token", async () => {
  const { world } = new House();
  const stream = await world.connect();
  await world.send(stream, get("/api/engines", `Authorization: Bearer ${ADMIN}`));
  assertMatch(stream.writtenText, /^HTTP\/1\.1 200 OK\r\n/);
  await world.send(stream, get("/api/engines"));
  assertMatch(
    stream.writtenText,
    /HTTP\/1\.1 401 Unauthorized\r\n[^]*www-authenticate: Bearer\r\n/,
  );
  await world.end();
});

Deno.test("two lines of Authorization are nobody's; cookies may stand in two lines", async () => {
  const house = new House();
  const line = `Authorization: Bearer ${ADMIN}`;
  assertMatch(await house.ask("/api/engines", line, line), /^HTTP\/1\.1 401 /);
  assertMatch(await house.ask("/api/engines", "Authorization:", line), /^HTTP\/1\.1 401 /);
  const cookie = `Cookie: ai-engine-login-80=${tokens.login(ADMIN)?.cookieValue}`;
  assertMatch(await house.ask("/api/engines", "Cookie: a=1", cookie), /^HTTP\/1\.1 200 /);
  await house.world.end();
});

Deno.test("a token in the target is none", async () => {
  const house = new House();
  for (
    const query of [`token=${ADMIN}`, `access_token=${ADMIN}`, `Authorization=Bearer%20${ADMIN}`]
  ) {
    for (const path of ["/", "/api/engines", "/upstream/echo/"]) {
      assertMatch(await house.ask(`${path}?${query}`), /^HTTP\/1\.1 401 /);
    }
    const page = await house.ask(`/login?${query}`, "Accept: text/html");
    assertMatch(page, /^HTTP\/1\.1 200 /);
    assertEquals(/set-cookie/i.test(page), false);
  }
  assertEquals(house.forwarded, []);
  await house.world.end();
});

Deno.test("the control socket asks nobody for a token", async () => {
  const house = new House("control");
  assertMatch(await house.ask("/api/engines"), /^HTTP\/1\.1 200 /);
  assertMatch(await house.ask("/upstream/echo/"), /^HTTP\/1\.1 204 /);
  await house.world.end();
});

/** Targets that lead elsewhere than they look, in the forms a request line has. */
const target = fc.tuple(
  fc.constantFrom("", "http://localhost", "http://localhost:80", "HTTP://localhost", "//localhost"),
  fc.constantFrom("/v1/", "/upstream/echo/", "/upstream/", "/assets/0123/", "/login", "/", "", "*"),
  fc.array(
    fc.constantFrom(
      ...["..", ".", "%2e%2e", ".%2E", "/", "/", "\\", "%5c", "%2f", "%252e", "#", ";", "?"],
      ...["api/engines", "%61pi/engines", "api", "engines", "echo", "start", "login", "style.css"],
    ),
    { maxLength: 7 },
  ),
).map(([authority, start, parts]) => authority + start + parts.join(""));

const OPEN = /^\/(health|login|logout|assets\/[0-9a-f]+\/[a-z]+\.[a-z]+)$/;

async function fuzz(
  fields: readonly string[],
  check: (house: House, target: string) => void,
): Promise<void> {
  const house = new House();
  await fc.assert(
    fc.asyncProperty(target, fc.constantFrom("GET", "HEAD", "POST"), async (target, method) => {
      house.routed.length = house.forwarded.length = 0;
      const text = get(target, ...fields).replace("GET", method);
      const client = await house.world.ask(text);
      const { writtenText } = client;
      client.end();
      assertMatch(writtenText, /^HTTP\/1\.1 [2-5]/);
      assertEquals(/"engines":|data-engine=/.test(writtenText), false, target);
      check(house, target);
    }),
    { numRuns: 3_000 },
  );
  assertEquals(house.supervisor.calls, []);
  await house.world.end();
}

Deno.test("no spelling of a path gets a request without a token anywhere", async () => {
  await fuzz([], ({ routed, forwarded }, target) => {
    assertEquals(forwarded, [], target);
    for (const path of routed) assert(OPEN.test(path), `${target} came to ${path}`);
  });
});

Deno.test("no spelling of a path gets an inference token to what is an admin's", async () => {
  await fuzz([`Authorization: Bearer ${INFERENCE}`], ({ routed, forwarded }, target) => {
    for (const one of forwarded) assert(one.startsWith("/upstream/"), target);
    for (const path of routed) {
      assert(OPEN.test(path) || /^\/v1(\/|$)/.test(path), `${target} came to ${path}`);
    }
  });
});
