/** Who may reach what once there are tokens: rows, and everything that can be thought up (fuzzed). */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type AccessHead, decide, type Listener, Tokens } from "../../src/access/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { ADMIN, CONTROL, CURL, ENTRIES, INFERENCE, TCP, UNIX } from "./support/heads.ts";

const tokens = await Tokens.of(ENTRIES, hmacSha256);

function codeOf(head: Partial<AccessHead>, listener: Listener = TCP): string {
  const decision = decide({ ...CURL, ...head }, { listener, tokens });
  return decision.kind === "refused" ? decision.error.code : decision.kind;
}

const WITH = {
  nobody: null,
  inference: `Bearer ${INFERENCE}`,
  admin: `Bearer ${ADMIN}`,
};

/** Method, path, and what becomes of it for nobody, for inference and for an admin. */
const ROWS: readonly (readonly [string, string, string, string, string])[] = [
  ["GET", "/health", "ok", "ok", "ok"],
  ["HEAD", "/health", "ok", "ok", "ok"],
  ["GET", "/login", "ok", "ok", "ok"],
  ["POST", "/login", "ok", "ok", "ok"],
  ["POST", "/logout", "ok", "ok", "ok"],
  ["GET", "/assets/0123456789abcdef/style.css", "ok", "ok", "ok"],
  ...[
    ["POST", "/health"],
    ["get", "/health"],
    ["GET", "/health/"],
    ["GET", "//health"],
    ["GET", "/Health"],
    ["GET", "/healt%68"],
    ["GET", "/logout"],
    ["PUT", "/login"],
    ["GET", "/assets/"],
    ["GET", "/assets/0123/../../api/engines"],
    ["GET", "/assets/0123/.."],
    ["GET", "/assets/%2e%2e/x.css"],
    ["POST", "/assets/0123/style.css"],
    ["GET", "/"],
    ["GET", "/api/engines"],
    ["POST", "/api/engines/x/start"],
    ["POST", "/api/engines/x/call/f"],
    ["GET", "/engines/x"],
    ["GET", "/upstream"],
    ["GET", "/UPSTREAM/x"],
    ["GET", "//upstream/x"],
    ["GET", "/./upstream/x"],
    ["GET", "/%75pstream/x"],
    ["GET", "/v11/models"],
    ["GET", "/V1/models"],
    ["GET", "/v1/../api/engines"],
    ["GET", "/v1/.%2E/api/engines"],
    ["GET", "/v1/..#"],
    ["GET", "/v1/x\\..\\..\\api"],
    ["OPTIONS", "*"],
  ].map(([method = "", path = ""]) =>
    [method, path, "unauthorized", "forbidden_role", "ok"] as const
  ),
  ...[
    ["GET", "/upstream/"],
    ["GET", "/upstream/x"],
    ["POST", "/upstream/../api/engines"],
    ["GET", "/upstream/x/%2e%2e/%2e%2e/api"],
    ["GET", "/v1"],
    ["POST", "/v1/chat/completions"],
    ["GET", "/v1/models/a..b%2Fc.d"],
  ].map(([method = "", path = ""]) => [method, path, "unauthorized", "ok", "ok"] as const),
];

for (const [method, path, ...codes] of ROWS) {
  Deno.test(`decide() with tokens: ${method} ${path} → ${codes.join(", ")}`, () => {
    for (const listener of [TCP, UNIX]) {
      const got = Object.values(WITH).map((authorization) =>
        codeOf({ method, path, authorization }, listener)
      );
      assertEquals(got, codes);
    }
  });
}

Deno.test("decide() asks for no token on the control socket", () => {
  for (const [method, path] of ROWS) assertEquals(codeOf({ method, path }, CONTROL), "ok");
});

Deno.test("decide() tells a stranger nothing before the host and the origin are right", () => {
  const authorization = WITH.admin;
  assertEquals(codeOf({ host: "evil.example", authorization }), "wrong_host");
  assertEquals(codeOf({ host: "evil.example" }), "wrong_host");
  assertEquals(codeOf({ origin: "http://evil.example", authorization }), "forbidden_origin");
  assertEquals(
    codeOf({ method: "POST", path: "/login", secFetchSite: "same-site" }),
    "forbidden_origin",
  );
  assertEquals(codeOf({ method: "POST", path: "/logout", origin: "null" }), "forbidden_origin");
});

Deno.test("decide() says what to send, and never what was sent", () => {
  for (const authorization of [null, "Bearer secret-of-somebody", `Bearer ${INFERENCE}`]) {
    const decision = decide({ ...CURL, authorization }, { listener: TCP, tokens });
    assert(decision.kind === "refused");
    const told = decision.error.message + decision.error.remedy;
    assertEquals(/secret|fedc/.test(told), false);
    assertEquals(/token/.test(decision.error.remedy), true);
  }
});

// What browsers and attackers can vary: everything but the secrets.

const text = fc.string({ unit: "binary-ascii", maxLength: 20 });
const orNone = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

/** Mostly what is right, so that the rest of a head is looked at. */
const mostly = <T>(right: T, others: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: others });

/** Paths that begin as those that are open, made of pieces that others read in another way. */
const path = fc.tuple(
  fc.constantFrom(
    "/v1/",
    "/upstream/",
    "/assets/0123/",
    "/login",
    "/health",
    "/",
    "//",
    "/V1/",
    "",
  ),
  fc.array(
    fc.constantFrom(
      ...["..", ".", "%2e%2e", ".%2E", "/", "/", "/", "\\", "%5c", "%2f", "#", ";", "%00", "*"],
      ...["v1", "upstream", "api", "%61pi", "engines", "login", "assets", "style.css", "x"],
    ),
    { maxLength: 6 },
  ),
).map(([start, parts]) => start + parts.join(""));

const METHODS = ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"];
const HOSTS = ["127.0.0.1", "localhost", "evil.example", "", null];

const anyHead = fc.record({
  method: mostly("GET", fc.oneof(fc.constantFrom(...METHODS), text)),
  path: fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: text }),
  host: mostly<string | null>("localhost:7411", fc.oneof(fc.constantFrom(...HOSTS), text)),
  authority: mostly<string | null>(null, fc.oneof(fc.constantFrom(...HOSTS), text)),
  origin: mostly<string | null>(
    null,
    fc.constantFrom("http://localhost:7411", "http://evil.example", "null"),
  ),
  secFetchSite: mostly<string | null>(null, fc.constantFrom("same-origin", "none", "cross-site")),
  secFetchMode: orNone(fc.constantFrom("navigate", "cors", "no-cors")),
  secFetchDest: orNone(fc.constantFrom("document", "iframe", "empty")),
  via: fc.constant(null),
});

const wrong = orNone(
  fc.oneof(text, text.map((one) => `Bearer ${one}`), fc.constant(`Bearer ${ADMIN.slice(1)}`)),
);
const wrongCookie = orNone(
  fc.oneof(text, text.map((one) => `ai-engine-login-7411=${one}`), fc.constant(`x=${ADMIN}`)),
);

/** The paths that web and gateway could make of a target; what they do is tested with them. */
function readings(sent: string): readonly string[] {
  const url = URL.canParse(`http://h${sent}`) ? new URL(`http://h${sent}`).pathname : sent;
  const decoded = (one: string) => {
    try {
      return decodeURI(one);
    } catch {
      return one;
    }
  };
  return [sent, url, decoded(sent), decoded(url)];
}

const OPEN = /^(\/health|\/login|\/logout|\/assets\/[0-9a-f]+\/[a-z]+\.[a-z]+)$/;
const RUNS = { numRuns: 20_000 };

Deno.test("no request without a token reaches anything but what is open, however it is made", () => {
  fc.assert(
    fc.property(anyHead, wrong, wrongCookie, (head, authorization, cookie) => {
      for (const listener of [TCP, UNIX]) {
        if (codeOf({ ...head, authorization, cookie }, listener) !== "ok") continue;
        for (const one of readings(head.path)) assert(OPEN.test(one), head.path);
      }
    }),
    RUNS,
  );
});

Deno.test("no inference token reaches anything but the engines, however the request is made", () => {
  const login = `ai-engine-login-7411=${tokens.login(INFERENCE)?.cookieValue}`;
  const credentials = fc.constantFrom(
    { authorization: WITH.inference, cookie: null },
    { authorization: null, cookie: login },
    { authorization: "Basic eA==", cookie: `a=b; ${login}` },
  );
  fc.assert(
    fc.property(anyHead, credentials, (head, given) => {
      if (codeOf({ ...head, ...given }) !== "ok") return;
      // The gateway takes these as they came.
      if (head.path.startsWith("/upstream/")) return;
      for (const one of readings(head.path)) {
        assert(OPEN.test(one) || /^\/v1(\/|$)/.test(one), `${head.path} may be read as ${one}`);
      }
    }),
    RUNS,
  );
});

Deno.test("no token opens what its host or origin closes", () => {
  const open = (head: Partial<AccessHead>) => {
    const decision = decide({ ...CURL, ...head }, { listener: TCP });
    return decision.kind === "ok";
  };
  fc.assert(
    fc.property(anyHead, (head) => {
      if (codeOf({ ...head, authorization: WITH.admin }) === "ok") assert(open(head));
    }),
    RUNS,
  );
});
