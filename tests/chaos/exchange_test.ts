/** Each end that a request can have, from a server that answers as it is told. */
import { assertEquals } from "@std/assert";
import { type Ask, contentOf, inputText } from "../../tasks/chaos/ask.ts";
import { exchange } from "../../tasks/chaos/exchange.ts";
import { bodyBytes } from "../../tasks/soak/body_bytes.ts";
import { Watch } from "../../tasks/soak/watch.ts";

const ECHO: Ask = { kind: "upstream", id: 7, engine: "e", bytes: 40, as: "length" };
const INPUT: Ask = { kind: "input", id: 7, engine: "e" };
const BODY = bodyBytes(7, "up", 40);

type Answer = readonly (string | Uint8Array)[];

function engineAnswer(body: Uint8Array, field = "Chaos: well\r\n"): Answer {
  return [`HTTP/1.1 200 OK\r\n${field}Content-Length: 40\r\n\r\n`, body];
}

function json(status: string, value: unknown, field = ""): Answer {
  const body = JSON.stringify(value);
  const { length } = new TextEncoder().encode(body);
  return [`HTTP/1.1 ${status}\r\n${field}Content-Length: ${length}\r\n\r\n${body}`];
}

/** What comes of `ask` when the server answers so and closes; `null` = it keeps silent. */
async function outcome(ask: Ask, answer: Answer | null, deadlineMs = 60_000): Promise<string> {
  using watch = new Watch();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const serving = serve(listener, answer);
  const address = { transport: "tcp", hostname: "127.0.0.1", port } as const;
  const answered = await exchange(ask, { address, watch, deadlineMs });
  await serving;
  return answered.kind === "cut" ? `cut, begun: ${answered.begun}` : answered.kind;
}

async function serve(listener: Deno.TcpListener, answer: Answer | null): Promise<void> {
  using conn = await listener.accept();
  // All of it, so that the close is no reset.
  const buffer = new Uint8Array(4_096);
  for (let text = ""; !/\r\n\r\n[^]|: 0\r\n.*\r\n\r\n/.test(text);) {
    const count = await conn.read(buffer);
    text += new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  }
  if (answer === null) await conn.read(buffer);
  for (const part of answer ?? []) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  }
}

Deno.test("a whole answer is one with the engine's mark and every byte right", async () => {
  assertEquals(await outcome(ECHO, engineAnswer(BODY)), "whole");
  assertEquals(await outcome(ECHO, engineAnswer(bodyBytes(8, "up", 40))), "wrong");
  assertEquals(await outcome(ECHO, engineAnswer(BODY, "")), "wrong");
  assertEquals(await outcome(ECHO, json("200 OK", {}, "Chaos: well\r\n")), "wrong");
});

Deno.test("what goes by its model is answered with all of what was sent", async () => {
  const ask: Ask = { kind: "model", id: 7, engine: "e", bytes: 40, as: "chunked" };
  const { body } = contentOf(ask);
  const head = `HTTP/1.1 200 OK\r\nChaos: well\r\nContent-Length: ${body.length}\r\n\r\n`;
  assertEquals(await outcome(ask, [head, body]), "whole");
  assertEquals(await outcome(ask, [head, body.map((byte) => byte ^ 1)]), "wrong");
  assertEquals(JSON.parse(new TextDecoder().decode(body)).model, "E");
});

Deno.test("a reload's answer tells what is unchanged", async () => {
  const ask: Ask = { kind: "reload", id: 7, isGood: true };
  assertEquals(await outcome(ask, json("200 OK", { unchanged: [] })), "whole");
  assertEquals(await outcome(ask, json("200 OK", {})), "wrong");
});

Deno.test("an input's answer has to say what was said", async () => {
  const answer = { message: `You said: ${inputText(7)}` };
  assertEquals(await outcome(INPUT, json("200 OK", answer)), "whole");
  assertEquals(await outcome(INPUT, json("500 Oops", answer)), "wrong");
  assertEquals(await outcome(INPUT, json("200 OK", { message: "You said: hi" })), "wrong");
});

Deno.test("an error of ours is one by its mark, and has a code", async () => {
  const mark = "AI-Engine-Error-Source: supervisor\r\n";
  assertEquals(await outcome(ECHO, json("502 Bad", { code: "crashed" }, mark)), "error");
  assertEquals(await outcome(ECHO, json("502 Bad", {}, mark)), "wrong");
  assertEquals(await outcome(ECHO, json("502 Bad", { code: "crashed" })), "wrong");
});

Deno.test("an early end is a cut, and it shows whether a byte of the answer was there", async () => {
  assertEquals(await outcome(ECHO, []), "cut, begun: false");
  assertEquals(await outcome(ECHO, ["HTTP/1.1 200 OK\r\nChaos"]), "cut, begun: true");
  assertEquals(await outcome(ECHO, engineAnswer(BODY.subarray(0, 39))), "cut, begun: true");
});

Deno.test("who keeps silent past the deadline is told from who ends the connection", async () => {
  assertEquals(await outcome(ECHO, null, 1), "silence");
});

Deno.test("a port that nobody listens on is a refusal", async () => {
  using watch = new Watch();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const address = { transport: "tcp", hostname: "127.0.0.1", port } as const;
  assertEquals(await exchange(ECHO, { address, watch, deadlineMs: 60_000 }), { kind: "refused" });
});
