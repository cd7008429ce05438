/** Who may ask at all: contract section 5, over real connections. */
import { assertEquals, assertMatch } from "@std/assert";
import { dirname } from "@std/path";
import type { RunningProgram } from "../support/program.ts";
import { assertProblem, BUILTIN, failToServe, programTest, viewOf } from "./support/harness.ts";
import { askRaw } from "./support/raw_http.ts";

const START = "POST /api/engines/builtin/start HTTP/1.1";
const WRONG_HOST = { status: 421, code: "wrong_host" };
const FORBIDDEN = { status: 403, code: "forbidden_origin" };
const BAD_REQUEST = { status: 400, code: "bad_request" };

/** PORT stands for the program's port; the Host is its own unless given. */
const REFUSED = [
  { name: "Host evil.example", lines: [START, "Host: evil.example"], as: WRONG_HOST },
  {
    name: "Host evil.example with our port",
    lines: [START, "Host: evil.example:PORT"],
    as: WRONG_HOST,
  },
  {
    name: "Host evil.example for the page",
    lines: ["GET / HTTP/1.1", "Host: evil.example"],
    as: WRONG_HOST,
  },
  {
    name: "Host localhost.evil.example",
    lines: [START, "Host: localhost.evil.example"],
    as: WRONG_HOST,
  },
  {
    name: "an evil host in the request line, beside our own Host",
    lines: [START.replace("/api", "http://evil.example/api")],
    as: BAD_REQUEST,
  },
  { name: "user info in Host", lines: [START, "Host: a@127.0.0.1"], as: BAD_REQUEST },
  {
    name: "an Origin of another site",
    lines: [START, "Origin: https://evil.example"],
    as: FORBIDDEN,
  },
  {
    name: "an Origin of another port",
    lines: [START, "Origin: http://127.0.0.1:1"],
    as: FORBIDDEN,
  },
  { name: "the Origin null", lines: [START, "Origin: null"], as: FORBIDDEN },
  {
    name: "another site, says the browser",
    lines: [START, "Sec-Fetch-Site: cross-site"],
    as: FORBIDDEN,
  },
  { name: "the same site, but not us", lines: [START, "Sec-Fetch-Site: same-site"], as: FORBIDDEN },
  {
    name: "an input from a page of another site",
    lines: [
      "POST /api/engines/builtin/input HTTP/1.1",
      "Origin: https://evil.example",
      "Content-Type: text/plain",
    ],
    as: FORBIDDEN,
  },
  {
    name: "a form of another site",
    lines: [
      "POST /engines/builtin/start HTTP/1.1",
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: document",
    ],
    as: FORBIDDEN,
  },
  {
    name: "the event stream for another site",
    lines: ["GET /api/events HTTP/1.1", "Origin: https://evil.example"],
    as: FORBIDDEN,
  },
  {
    name: "the API by a link of another site",
    lines: [
      "GET /api/engines HTTP/1.1",
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: document",
    ],
    as: FORBIDDEN,
  },
] as const;

const SERVED = [
  { name: "our own Origin", lines: ["GET /api/engines HTTP/1.1", "Origin: http://127.0.0.1:PORT"] },
  {
    name: "our own page, says the browser",
    lines: ["GET /api/engines HTTP/1.1", "Sec-Fetch-Site: same-origin"],
  },
  { name: "localhost", lines: ["GET /api/engines HTTP/1.1", "Host: localhost:PORT"] },
  { name: "no browser at all", lines: ["GET /api/engines HTTP/1.1"] },
  {
    name: "a link of another site to the page",
    lines: [
      "GET / HTTP/1.1",
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: document",
    ],
  },
] as const;

programTest(
  "requests that come from elsewhere are refused, and do nothing",
  BUILTIN,
  async (program, t) => {
    for (const { name, lines, as } of REFUSED) {
      await t.step(name, async () => void assertProblem(await ask(program, lines), as));
    }
    const { state, reason } = await viewOf(program, "builtin");
    assertEquals([state, reason], ["stopped", null]);
  },
);

programTest("requests of our own page and of programs are served", BUILTIN, async (program, t) => {
  for (const { name, lines } of SERVED) {
    await t.step(name, async () => assertEquals((await ask(program, lines)).status, 200));
  }
});

programTest(
  "the control socket asks for no host: its mode is its rule",
  BUILTIN,
  async (program) => {
    const proxy = { transport: "unix", path: program.control } as const;
    using client = Deno.createHttpClient({ proxy });
    const response = await fetch("http://evil.example/api/engines", { client });
    assertEquals([response.status, (await response.json()).engines.length], [200, 1]);
    assertEquals(((await Deno.stat(program.control)).mode ?? 0) & 0o777, 0o600);
    assertEquals(((await Deno.stat(dirname(program.control))).mode ?? 0) & 0o777, 0o700);
  },
);

for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"]) {
  Deno.test(`--listen ${address} can be reached from elsewhere and is refused`, async () => {
    const { code, stderr } = await failToServe("--engine", "builtin", "--listen", address);
    assertEquals(code, 6);
    assertMatch(stderr, /can be reached from other machines[^]*--listen 127\.0\.0\.1:0/);
  });
}

function ask(program: RunningProgram, lines: readonly string[]) {
  const { host, port } = new URL(program.url);
  const fields = lines.slice(1).map((line) => line.replace("PORT", port));
  if (!fields.some((field) => field.startsWith("Host:"))) fields.unshift(`Host: ${host}`);
  const method = lines[0]?.split(" ")[0];
  if (method === "POST") fields.push("Content-Length: 0");
  return askRaw(program, [lines[0] ?? "", ...fields]);
}
