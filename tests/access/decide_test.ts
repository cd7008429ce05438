import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type AccessHead, decide, type Listener } from "../../src/access/mod.ts";
import { CONTROL, CURL, TCP, TLS, UNIX } from "./support/heads.ts";

const PAGES = ["/", "/config", "/events", "/login", "/logs", "/requests", "/engines/a-1.b_c"];

/** A link on another site to our page. */
const LINK: Partial<AccessHead> = {
  path: "/",
  secFetchSite: "cross-site",
  secFetchMode: "navigate",
  secFetchDest: "document",
};

function codeOf(head: Partial<AccessHead>, listener: Listener = TCP): string {
  const decision = decide({ ...CURL, ...head }, { listener });
  return decision.kind === "refused" ? decision.error.code : decision.kind;
}

interface Row {
  readonly says: string;
  readonly head: Partial<AccessHead>;
  readonly code: string;
}

const HOSTS: readonly Row[] = [
  ...["localhost", "localhost:7411", "LocalHost:9", "127.0.0.1", "127.0.0.1:7411"],
  ...["127.255.0.3:80", "[::1]", "[::1]:7411", "localhost:"],
].map((host) => ({ says: `host ${host} is served`, head: { host }, code: "ok" }))
  .concat(
    [
      ...["evil.example", "evil.example:7411", "localhost.evil.example", "127.0.0.1.evil.example"],
      ...["10.0.0.1", "0.0.0.0:7411", "[::]:7411", "[::2]", "[::ffff:127.0.0.1]", "app.localhost"],
      ...[
        "localhost.",
        "127.1",
        "127.0.0.01",
        "127.0.0.256",
        "2130706433",
        "0x7f.0.0.1",
        "128.0.0.1",
      ],
    ].map((host) => ({ says: `host ${host} is not ours`, head: { host }, code: "wrong_host" })),
    [
      ...["", " ", "localhost, localhost", "localhost:7411, evil.example", "u@localhost", "a b"],
      ...["localhost/..", "localhost:65536", "localhost:-1", "localhost:7411:7411", "[::1", "::1"],
      ...["localhost\u0000", "löcalhost", "localhost#", "localhost?x", "[localhost]"],
    ].map((host) => ({
      says: `host ${JSON.stringify(host)} is no host`,
      head: { host },
      code: "bad_request",
    })),
  );

const ROWS: readonly Row[] = [
  ...HOSTS,
  { says: "no host at all", head: { host: null }, code: "bad_request" },
  {
    says: "an absolute target counts instead of the host",
    head: { authority: "evil.example" },
    code: "wrong_host",
  },
  {
    says: "an absolute target to us does not excuse a foreign host",
    head: { host: "evil.example", authority: "localhost:7411" },
    code: "wrong_host",
  },
  {
    says: "an absolute target with user info",
    head: { authority: "u@localhost" },
    code: "bad_request",
  },
  {
    says: "an absolute target to us",
    head: { host: "localhost:7411", authority: "127.0.0.1:7411" },
    code: "ok",
  },
  { says: "our own origin", head: { origin: "http://localhost:7411" }, code: "ok" },
  {
    says: "our own origin on port 80",
    head: { host: "localhost:80", origin: "http://localhost" },
    code: "ok",
  },
  {
    says: "our own origin by IPv6",
    head: { host: "[::1]:7411", origin: "http://[::1]:7411" },
    code: "ok",
  },
  ...[
    ...["null", "", "http://evil.example", "https://localhost:7411", "http://localhost:3000"],
    ...["http://localhost", "http://127.0.0.1:7411", "http://localhost:7411/", "localhost:7411"],
    ...["http://localhost:7411, http://evil.example", "http://u@localhost:7411", "file://"],
  ].map((origin) => ({
    says: `origin ${JSON.stringify(origin)} is foreign`,
    head: { origin },
    code: "forbidden_origin",
  })),
  { says: "same origin by Sec-Fetch-Site", head: { secFetchSite: "same-origin" }, code: "ok" },
  { says: "typed into the address bar", head: { secFetchSite: "none" }, code: "ok" },
  { says: "cross-site", head: { secFetchSite: "cross-site" }, code: "forbidden_origin" },
  { says: "same-site", head: { secFetchSite: "same-site" }, code: "forbidden_origin" },
  { says: "an unknown site", head: { secFetchSite: "future" }, code: "forbidden_origin" },
  {
    says: "our own origin does not excuse a cross-site request",
    head: { origin: "http://localhost:7411", secFetchSite: "cross-site" },
    code: "forbidden_origin",
  },
  ...PAGES.map((path) => ({
    says: `a link to the page ${path}`,
    head: { ...LINK, path },
    code: "ok",
  })),
  ...[
    ...[
      "/stop-all",
      "/logs.txt",
      "/metrics",
      "/engines/a/stop",
      "/engines/",
      "/engines/..",
      "/logs/",
    ],
    ...[
      "/config/reload",
      "/requests/1/cancel",
      "/%6cogs",
      "/engines/a%2Fstop",
      "/logout",
      "/logs\n",
    ],
  ].map((path) => ({
    says: `a link to ${JSON.stringify(path)}, which is no page to begin with`,
    head: { ...LINK, path },
    code: "forbidden_origin",
  })),
  { says: "a redirect to the page", head: { ...LINK, origin: "null" }, code: "ok" },
  {
    says: "a link to the page by another host",
    head: { ...LINK, host: "evil.example" },
    code: "wrong_host",
  },
  {
    says: "a link to the API",
    head: { ...LINK, path: "/api/engines" },
    code: "forbidden_origin",
  },
  { says: "a link to an odd path", head: { ...LINK, path: "//" }, code: "forbidden_origin" },
  {
    says: "a form posted to the page",
    head: { ...LINK, method: "POST" },
    code: "forbidden_origin",
  },
  {
    says: "the page in a frame",
    head: { ...LINK, secFetchDest: "iframe" },
    code: "forbidden_origin",
  },
  {
    says: "the page fetched by a script",
    head: { ...LINK, secFetchMode: "cors", secFetchDest: "empty" },
    code: "forbidden_origin",
  },
];

for (const { says, head, code } of ROWS) {
  Deno.test(`decide() on TCP: ${says} → ${code}`, () => assertEquals(codeOf(head), code));
}

Deno.test("decide() serves the host it listens on, whatever it is", () => {
  const at = (hostname: string): Listener => ({ kind: "tcp", hostname, port: 1 });
  assertEquals(codeOf({ host: "192.168.1.5:7411" }, at("192.168.1.5")), "ok");
  assertEquals(codeOf({ host: "[fd00::5]" }, at("FD00::5")), "ok");
  assertEquals(codeOf({ host: "192.168.1.6" }, at("192.168.1.5")), "wrong_host");
});

Deno.test("decide() serves every address, and no name, on a listener for all addresses", () => {
  for (const hostname of ["0.0.0.0", "::"]) {
    const at: Listener = { kind: "tcp", hostname, port: 1 };
    for (const host of ["192.168.1.5:1", "10.0.0.1", "[fd00::5]:1", "[::]", "localhost:1"]) {
      assertEquals(codeOf({ host }, at), "ok", host);
    }
    for (const host of ["evil.example:1", "192.168.1.5.evil.example", "5", "host:1", "0x7f.1"]) {
      assertEquals(codeOf({ host }, at), "wrong_host", host);
    }
  }
});

Deno.test("decide() has the same rules on a Unix socket that anybody may be led to", () => {
  for (const { says, head, code } of ROWS) assertEquals(codeOf(head, UNIX), code, says);
});

Deno.test("decide() lets everything pass on the control socket", () => {
  for (const { head } of ROWS) assertEquals(codeOf(head, CONTROL), "ok");
});

Deno.test("decide() lets nothing pass on the control socket that a proxy, such as our own, has sent on", () => {
  for (const { head } of ROWS) {
    assertEquals(codeOf({ ...head, via: "1.1 ai-engine-01234567" }, CONTROL), "loop_detected");
    assertEquals(codeOf({ ...head, via: "" }, CONTROL), "loop_detected");
  }
  assertEquals(codeOf({ via: "1.1 nginx" }), "ok");
});

Deno.test("decide() says where to go instead of a wrong host", () => {
  const remedies: readonly [Listener, string][] = [
    [TCP, "Open http://127.0.0.1:7411/ instead."],
    [{ kind: "tcp", hostname: "::1", port: 80 }, "Open http://[::1]:80/ instead."],
    [
      { kind: "tcp", hostname: "0.0.0.0", port: 80 },
      "Name this machine by its IP address, with the port 80.",
    ],
    [UNIX, "Name localhost as the host, as in http://localhost/."],
  ];
  for (const [listener, remedy] of remedies) {
    const decision = decide({ ...CURL, host: "evil.example" }, { listener });
    assert(decision.kind === "refused");
    assertEquals(decision.error.message, "This program does not answer for the host evil.example.");
    assertEquals(decision.error.remedy, remedy);
  }
});

Deno.test("decide() never throws and serves no host that does not look like loopback", () => {
  const odd = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^(localhost|127\.0\.0\.1|\[::1\])[ -~]{0,6}$/),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
  fc.assert(fc.property(odd, (host) => {
    if (codeOf({ host }) !== "ok") return;
    assert(/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d{0,5})?$/i.test(host), host);
  }));
});

Deno.test("decide() lets no origin through but the one the request was sent to", () => {
  const origin = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.stringMatching(/^http:\/\/localhost:741[0-3][ -~]{0,3}$/),
  );
  fc.assert(fc.property(origin, (origin) => {
    const isOurs = origin === "http://localhost:7411";
    assertEquals(codeOf({ origin }), isOurs ? "ok" : "forbidden_origin");
  }));
});

Deno.test("decide() lets only a GET of a page come from another site", () => {
  const text = fc.option(fc.string(), { nil: null });
  const head = fc.record({
    method: fc.constantFrom("GET", "HEAD", "POST", "DELETE", "get", "OPTIONS"),
    path: fc.oneof(
      fc.constantFrom(...PAGES, "/api/events", "/upstream/x", "/engines/x/stop"),
      fc.string(),
    ),
    secFetchMode: fc.oneof(fc.constantFrom("navigate", "cors", "no-cors"), text),
    secFetchDest: fc.oneof(fc.constantFrom("document", "iframe", "empty"), text),
    secFetchSite: fc.constantFrom("cross-site", "same-site"),
  });
  fc.assert(fc.property(head, (head) => {
    if (codeOf(head) !== "ok") return;
    assert(PAGES.includes(head.path) || /^\/engines\/[a-z0-9][\w.-]*$/.test(head.path));
    assertEquals(
      [head.method, head.secFetchMode, head.secFetchDest],
      ["GET", "navigate", "document"],
    );
  }));
});

Deno.test("with TLS the origin has to be https, with the port that is meant; plain HTTP is foreign", () => {
  const codeOver = (origin: string, host = "localhost:7411") => codeOf({ origin, host }, TLS);
  assertEquals(codeOver("https://localhost:7411"), "ok");
  assertEquals(codeOver("https://localhost", "localhost"), "ok");
  assertEquals(codeOver("https://localhost", "localhost:443"), "ok");
  assertEquals(codeOver("https://localhost:443", "localhost"), "ok");
  for (
    const origin of ["http://localhost:7411", "https://localhost", "https://localhost:80", "null"]
  ) {
    assertEquals(codeOver(origin), "forbidden_origin", origin);
  }
  assertEquals(codeOver("https://localhost:80", "localhost"), "forbidden_origin");
  assertEquals(codeOver("http://localhost", "localhost:443"), "forbidden_origin");
});

Deno.test("with TLS the hosts are those without it, and who asks for another is told an https URL", () => {
  assertEquals(codeOf({}, TLS), "ok");
  const decision = decide({ ...CURL, host: "evil.example" }, { listener: TLS });
  assert(decision.kind === "refused" && decision.error.code === "wrong_host");
  assertEquals(decision.error.remedy, "Open https://127.0.0.1:7411/ instead.");
});

Deno.test("with TLS names of ours have no origin in plain HTTP", () => {
  const hosts = new Set(["ai.example"]);
  const kindOf = (origin: string, listener: Listener) =>
    decide({ ...CURL, host: "ai.example:7411", origin }, { listener, hosts }).kind;
  assertEquals(kindOf("https://ai.example:7411", TLS), "ok");
  assertEquals(kindOf("http://ai.example:7411", TLS), "refused");
  assertEquals(kindOf("http://ai.example:7411", TCP), "ok");
});
