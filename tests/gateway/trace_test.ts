/** The names of a request: W3C Trace Context, and `X-Request-Id`. */
import { assertEquals, assertMatch } from "@std/assert";
import { GatewayBench, get, ok, readRequest, send } from "./support/bench.ts";
import type { ScriptedClient } from "./support/scripted_client.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const OURS = "01".repeat(8);
const OUR_TRACE = "01".repeat(16);

interface Passed {
  /** The lines of these names that the engine got. */
  readonly told: readonly string[];
  readonly answer: string;
  readonly client: ScriptedClient;
}

/** A request with `fields`, answered with those of `answer`. */
async function pass(fields: string, answer = ""): Promise<Passed> {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/", fields);
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const head = await readRequest(conn);
  await send(conn, ok("x", answer));
  await forwarding;
  const told = head.split("\r\n").filter((line) => /^(trace|x-request-id)/i.test(line));
  return { told, answer: client.answer, client };
}

Deno.test("a request that says nothing of itself gets a trace and an id, which its client is told", async () => {
  const { told, answer } = await pass("");
  assertEquals(told, [`traceparent: 00-${OUR_TRACE}-${OURS}-01`, `X-Request-Id: ${OURS}`]);
  assertMatch(answer, /\r\nX-Request-Id: 0101010101010101\r\n/);
});

const TAKEN: readonly (readonly [rule: string, fields: string, told: readonly string[]])[] = [
  ["with our span, and its state", `traceparent: 00-${TRACE}-${PARENT}-01\r\ntracestate: a=1\r\n`, [
    "tracestate: a=1",
    `traceparent: 00-${TRACE}-${OURS}-01`,
  ]],
  ["unsampled as it is", `TraceParent: 00-${TRACE}-${PARENT}-00\r\n`, [
    `traceparent: 00-${TRACE}-${OURS}-00`,
  ]],
  ["of flags only what is known", `traceparent: 00-${TRACE}-${PARENT}-fe\r\n`, [
    `traceparent: 00-${TRACE}-${OURS}-00`,
  ]],
  ["of a later version what is known", `traceparent: cc-${TRACE}-${PARENT}-01-what.comes\r\n`, [
    `traceparent: 00-${TRACE}-${OURS}-01`,
  ]],
  [
    "with all lines of its state",
    `tracestate: a=1\r\ntraceparent: 00-${TRACE}-${PARENT}-01\r\ntracestate: b=2\r\n`,
    ["tracestate: a=1", "tracestate: b=2", `traceparent: 00-${TRACE}-${OURS}-01`],
  ],
];
for (const [rule, fields, told] of TAKEN) {
  Deno.test(`a client's trace goes on: ${rule}`, async () => {
    const passed = await pass(fields);
    assertEquals(passed.told, [...told, `X-Request-Id: ${OURS}`]);
    assertEquals(passed.client.record.traceId, TRACE);
  });
}

const NO_TRACES: readonly string[] = [
  "",
  "x",
  `00-${TRACE}-${PARENT}`,
  `00-${TRACE}-${PARENT}-01-`,
  `00-${TRACE}-${PARENT}-01-more`,
  `cc-${TRACE}-${PARENT}-01.more`,
  `ff-${TRACE}-${PARENT}-01`,
  `0-${TRACE}-${PARENT}-01`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${"0".repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE}-${PARENT}-0g`,
  `00_${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-01\r\ntraceparent: 00-${TRACE}-${PARENT}-01`,
  `cc-${TRACE}-${PARENT}-01-${"a".repeat(8_000)}`,
  "\xff".repeat(55),
];
for (const value of NO_TRACES) {
  Deno.test(`what is no trace is replaced, its state dropped: ${JSON.stringify(value).slice(0, 90)}`, async () => {
    const { told } = await pass(`tracestate: a=1\r\ntraceparent: ${value}\r\n`);
    assertEquals(told, [`traceparent: 00-${OUR_TRACE}-${OURS}-01`, `X-Request-Id: ${OURS}`]);
  });
}

for (const id of ["a", "8e7c-_.~/?#<>\"'%2F", "x".repeat(128)]) {
  Deno.test(`a client's id goes on and comes back: ${id.slice(0, 20)}`, async () => {
    const { told, answer, client } = await pass(`x-request-ID: ${id}\r\n`);
    assertEquals(told.at(-1), `X-Request-Id: ${id}`);
    assertEquals(answer.includes(`\r\nX-Request-Id: ${id}\r\n`), true, answer);
    assertEquals(client.record.id, id);
  });
}

const NO_IDS: readonly string[] = [
  "",
  ".",
  "..",
  "a b",
  "a\tb",
  "\xe9",
  "x".repeat(129),
  "x".repeat(60_000),
  "a\r\nX-Request-Id: a",
];
for (const id of NO_IDS) {
  Deno.test(`what may do harm as an id is replaced: ${JSON.stringify(id).slice(0, 40)}`, async () => {
    const { told, answer } = await pass(`X-Request-Id: ${id}\r\n`);
    assertEquals(told.filter((line) => /^x/i.test(line)), [`X-Request-Id: ${OURS}`]);
    assertMatch(answer, /\r\nX-Request-Id: 0101010101010101\r\n/);
  });
}

Deno.test("what an engine calls the request goes to the client, and nothing besides", async () => {
  const { answer } = await pass("X-Request-Id: mine\r\n", "x-request-id: theirs\r\n");
  assertEquals(answer.match(/^x-request-id: .*$/gim), ["x-request-id: theirs"]);
});

Deno.test("two requests have two names", async () => {
  await using bench = new GatewayBench();
  const { records } = bench;
  const ids = [1, 2].map(() => records.of(get("/upstream/e/").request).id);
  assertEquals(ids, ["01".repeat(8), "02".repeat(8)]);
});
