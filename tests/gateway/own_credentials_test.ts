/** Our token and our login end here; other credentials go on (contract section 5). */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Tokens } from "../../src/access/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { GatewayBench, get, ok, post, readRequest, send, untilClosed } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const OTHER = "fedcba9876543210fedcba9876543210==";
const tokens = await Tokens.of([
  { role: "admin", token: TOKEN },
  { role: "inference", token: OTHER },
], hmacSha256);
const LOGIN = `ai-engine-login-7411=${tokens.login(TOKEN)?.cookieValue}`;

/** What the engine reads of `client`'s request up to `end`. */
async function sentOn(
  client: ScriptedClient,
  { guarded = true, end = "\r\n\r\n" } = {},
): Promise<string> {
  await using bench = new GatewayBench({ tokens: guarded ? tokens : null });
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const text = await readRequest(conn, end);
  await send(conn, ok(""));
  await forwarding;
  return text;
}

/** The credentials among the lines of a head. */
function credentials(head: string): string[] {
  return head.split("\r\n").filter((line) => /^(authorization|cookie|x-\w+):/i.test(line));
}

const RULES: readonly (readonly [rule: string, fields: readonly string[], goesOn: string[]])[] = [
  ["our token", [`Authorization: Bearer ${TOKEN}`], []],
  ["our token in any case", [`AUTHORIZATION: bEaRer   ${OTHER}`], []],
  ["our token without a scheme", [`Authorization: ${TOKEN}`], []],
  ["our token behind a comma", [`Authorization: Bearer x,${TOKEN},y`], []],
  ["our token beside another", [`Authorization: Bearer x, Bearer ${TOKEN}`], []],
  [
    "our token in one of two lines",
    ["Authorization: Basic eA==", `Authorization: Bearer ${TOKEN}`],
    [
      "Authorization: Basic eA==",
    ],
  ],
  ["another's token", ["Authorization: Bearer sk-else"], ["Authorization: Bearer sk-else"]],
  ["our login", [`Cookie: ${LOGIN}`], []],
  ["a login of another port", ["Cookie: ai-engine-login-7412=x"], []],
  ["our login among others", [`Cookie: a=1; ${LOGIN}; b="2;3"`], ['Cookie: a=1; b="2;3"']],
  ["our login in one of two lines", ["cookie: a=1", `Cookie: ${LOGIN}; b=2`], [
    "cookie: a=1",
    "Cookie: b=2",
  ]],
  ["other cookies as they came", ["cooKie: a=1;b=\xe9;; c"], ["cooKie: a=1;b=\xe9;; c"]],
  ["bytes of other cookies beside ours", [`Cookie: a=\xe9\x80;${LOGIN}`], ["Cookie: a=\xe9\x80"]],
  ["what only looks like ours", [`X-Token: ${TOKEN.slice(1)}`, "Cookie: my-ai-engine-login-1=x"], [
    `X-Token: ${TOKEN.slice(1)}`,
    "Cookie: my-ai-engine-login-1=x",
  ]],
];

for (const [rule, fields, goesOn] of RULES) {
  Deno.test(`an engine gets of ${rule}: ${goesOn.join(", ") || "nothing"}`, async () => {
    const head = await sentOn(get("/upstream/e/", fields.map((one) => `${one}\r\n`).join("")));
    assertEquals(credentials(head), goesOn);
  });
}

Deno.test("where no tokens are set nothing is taken out", async () => {
  const fields = [`Authorization: Bearer ${TOKEN}`, `Cookie: ${LOGIN}`];
  const client = get("/upstream/e/", fields.map((one) => `${one}\r\n`).join(""));
  assertEquals(credentials(await sentOn(client, { guarded: false })), fields);
});

Deno.test("our credentials don't come behind the body, nor in a tunnel's head", async () => {
  const chunked = new ScriptedClient(
    "POST /upstream/e/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `1\r\nx\r\n0\r\nAuthorization: Bearer ${TOKEN}\r\nCookie: ${LOGIN}\r\nX-Sum: 1\r\n\r\n`,
  );
  const whole = await sentOn(chunked, { end: "X-Sum: 1\r\n\r\n" });
  assertEquals(credentials(whole), ["X-Sum: 1"]);
  await using bench = new GatewayBench({ tokens });
  const client = get(
    "/upstream/e/",
    `Connection: upgrade\r\nUpgrade: x\r\nAuthorization: Bearer ${TOKEN}\r\nCookie: ${LOGIN}\r\n`,
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const head = await readRequest(conn);
  await send(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  await forwarding;
  assertEquals(/Upgrade: x/.test(head), true);
  assertEquals(credentials(head), []);
});

Deno.test("in whatever order and form they come, an engine gets no token and no login of ours", async () => {
  await using bench = new GatewayBench({ tokens });
  const part = fc.constantFrom("a=1", LOGIN, "ai-engine-login-1=z", "b", "", " ", "x=\xe9");
  const cookie = fc.array(part).map((parts) => `Cookie: ${parts.join(";")}`);
  const word = fc.constantFrom("Bearer", TOKEN, OTHER, ",", " ", "Basic", "eA==");
  const authorization = fc.array(word).map((words) => `Authorization: ${words.join(" ")}`);
  const other = fc.constantFrom("X-A: 1", "x-b:2", "Accept: */*");
  const fields = fc.array(fc.oneof(cookie, authorization, other), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fields, async (fields) => {
      const client = post("body", fields.map((one) => `${one}\r\n`).join(""));
      const forwarding = bench.forward(client);
      const conn = await bench.accept();
      const text = await readRequest(conn, "body");
      await send(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      await forwarding;
      await untilClosed(conn);
      for (const secret of [TOKEN, OTHER, "ai-engine-login-"]) {
        assertEquals(text.includes(secret), false, text);
      }
      const kept = fields.filter((field) => !/^(cookie|authorization):/i.test(field));
      assertEquals(
        credentials(text).filter((line) => /^x-/i.test(line)),
        kept.filter((f) => /^x-/i.test(f)),
      );
    }),
    { numRuns: 200 },
  );
});
