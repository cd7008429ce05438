import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  chatBody,
  ChatReader,
  cosine,
  curlCommand,
  EventReader,
  phaseText,
  similarityOf,
  similarityText,
  timingsText,
  tokensOf,
  troubleOfAnswer,
  troubleOfModel,
  whyNotFile,
} from "../../src/web/ui/words_try.js";
import { ordinal } from "../../src/web/ui/words_place.js";

Deno.test("a phase says the place in the line, the time, and how long a start usually takes", () => {
  const unknown = { usualStartMs: null };
  const known = { usualStartMs: 6_000 };
  const cases = [
    [phaseText({ phase: "queued", position: 3 }, known, 400), "Queued, 3rd in line, 0.4 s"],
    [phaseText({ phase: "queued", position: 1 }, known, 0), "Queued, next in line, 0.0 s"],
    [phaseText({ phase: "queued" }, known, 0), "Queued, 0.0 s"],
    [phaseText({ phase: "starting" }, unknown, 2_100), "Starting, 2.1 s"],
    [phaseText({ phase: "starting" }, known, 2_100), "Starting, 2.1 s of about 6 s"],
    [
      phaseText({ phase: "starting", position: 2 }, known, 2_100),
      "Starting, 2.1 s of about 6 s, 2nd in line",
    ],
    [phaseText({ phase: "starting", position: 1 }, unknown, 2_100), "Starting, 2.1 s"],
    [phaseText({ phase: "answering" }, known, -5), "Answering, 0.0 s"],
    [phaseText({ phase: "queued", position: 3 }, known, null), "Queued, 3rd in line"],
    [phaseText({ phase: "starting" }, known, null), "Starting, about 6 s"],
    [phaseText({ phase: "starting" }, unknown, null), "Starting"],
    [phaseText({ phase: "answering" }, unknown, null), "Answering"],
  ];
  for (const [said, wanted] of cases) assertEquals(said, wanted);
  assertEquals(
    [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal).join(" "),
    "1st 2nd 3rd 4th " +
      "11th 12th 13th 21st 102nd 111th",
  );
});

Deno.test("timings: tokens a second from the first to the last, where they came one by one", () => {
  const say = timingsText;
  assertEquals(
    say({ firstByteMs: 310, totalMs: 1_240, tokens: null }),
    "First byte after 310 ms, all after 1.2 s",
  );
  assertEquals(
    say({ firstByteMs: 200, totalMs: 1_200, tokens: 41 }),
    "First byte after 200 ms, all after 1.2 s, 41 tokens, 40.0 a second",
  );
  assertEquals(
    say({ firstByteMs: 1_000, totalMs: 1_000, tokens: 20 }),
    "First byte after 1 s, all after 1 s, 20 tokens, 20.0 a second",
  );
  assertEquals(
    say({ firstByteMs: 10, totalMs: 10, tokens: 1 }),
    "First byte after 10 ms, all after 10 ms, 1 token, 100.0 a second",
  );
  assertEquals(
    say({ firstByteMs: 0, totalMs: 0, tokens: 0 }),
    "First byte after 0 ms, all after 0 ms, 0 tokens",
  );
  assertEquals(tokensOf({ usage: { completion_tokens: 7 } }), 7);
  for (const json of [{}, { usage: null }, { usage: "x" }, { usage: {} }]) {
    assertEquals(tokensOf(json), null);
  }
});

Deno.test("likeness: the cosine of two vectors, and what it means", () => {
  assertAlmostEquals(cosine([1, 0], [2, 0]), 1);
  assertAlmostEquals(cosine([1, 0], [0, 3]), 0);
  assertAlmostEquals(cosine([1, 1], [-1, -1]), -1);
  assertEquals(cosine([0, 0], [1, 1]), 0);
  assertEquals(
    similarityText(0.54),
    "Likeness 0.54, where 1 is the same and 0 is unrelated: the two are about the same thing.",
  );
  const said = [1, 0.3, 0, -1].map((value) => similarityText(value).split(": ")[1]);
  assertEquals(said, [
    "the two say nearly the same.",
    "the two have something in common.",
    "the two have little or nothing in common.",
    "the two have little or nothing in common.",
  ]);
});

Deno.test("the likeness in an answer, where there are two vectors of one length", () => {
  assertAlmostEquals(
    similarityOf({ data: [{ embedding: [1, 2] }, { embedding: [2, 4] }] }) ?? 0,
    1,
  );
  const uneven = [{ embedding: [1] }, { embedding: [1, 2] }];
  for (const data of [undefined, null, [], [null, null], [{ embedding: [1] }], "x", uneven]) {
    assertEquals(similarityOf({ data }), null);
  }
});

Deno.test("a chat as it comes: text, tokens, and whether it came to its end", () => {
  const event = (json: unknown) => `data: ${JSON.stringify(json)}\n\n`;
  const word = (content: unknown) => event({ choices: [{ delta: { content } }] });
  const whole = new ChatReader();
  assertEquals(whole.hasBegun, false);
  assertEquals(
    whole.read(word("hi ") + word(null) + word("you") + event({ choices: [] })),
    "hi you",
  );
  assertEquals(whole.read(event({ usage: { completion_tokens: 3 } }) + "data: [DONE]\n\n"), "");
  whole.end();
  assertEquals([whole.trouble, whole.tokens], [null, 3]);
  const cut = new ChatReader();
  cut.read(word("so far"));
  cut.end();
  assertEquals(cut.trouble?.title, "The answer broke off");
  const failed = new ChatReader();
  failed.read(event({ error: { message: "out of memory" } }));
  failed.end();
  assertEquals(failed.trouble?.detail, "out of memory");
  const unmarked = new ChatReader();
  unmarked.read(event({ choices: [{ delta: {}, finish_reason: "stop" }] }));
  unmarked.end();
  assertEquals(unmarked.trouble, null);
});

Deno.test("a chat that comes whole", () => {
  const reader = new ChatReader();
  const usage = { completion_tokens: 2 };
  assertEquals(
    reader.readWhole(JSON.stringify({ choices: [{ message: { content: "hi" } }], usage })),
    "hi",
  );
  reader.end();
  assertEquals([reader.trouble, reader.tokens], [null, 2]);
  for (
    const body of ["", "x", "{}", '{"choices":[{}]}', '{"choices":[{"message":{"content":1}}]}']
  ) {
    assertEquals(new ChatReader().readWhole(body), "");
  }
  assertEquals(chatBody("m", []).stream_options, { include_usage: true });
});

Deno.test("what is wrong with a model's answer is said, whatever its shape", () => {
  const ours = { error: { message: "There is none. Name another.", code: "unknown_model" } };
  const told = troubleOfModel(404, JSON.stringify(ours));
  assertEquals([told.detail, told.code], [ours.error.message, "unknown_model"]);
  assertEquals(troubleOfModel(404, "<h1>no</h1>").title, "This engine has no such path");
  assertEquals(troubleOfModel(500, "boom").detail, "boom");
  const problem = { title: "T", detail: "d", remedy: "r", code: "crashed", lastLines: [] };
  assertEquals(troubleOfAnswer(502, JSON.stringify(problem), true), problem);
  const { title, detail, remedy } = troubleOfAnswer(404, JSON.stringify(ours), true);
  assertEquals([title, detail, remedy], ["The request was not answered", ours.error.message, ""]);
  assertEquals(troubleOfAnswer(422, '{"error":"no"}', false).detail, "no");
  const wrong = { error: { message: "This model writes no text.", code: "wrong_model" } };
  assertEquals(troubleOfModel(400, JSON.stringify(wrong)).title, "This model does something else");
});

Deno.test("a file that can't be an input: why", () => {
  assertEquals(whyNotFile({ name: "a.txt", size: 10 }, "hello"), "");
  assertEquals(
    whyNotFile({ name: "a.bin", size: 10 }, null),
    "a.bin is no text in UTF-8.",
  );
  assertEquals(
    whyNotFile({ name: "a.log", size: 2e6 }, null),
    "a.log is larger than 1 MiB, which is the most that is taken.",
  );
});

/** What a shell makes of a command: the arguments of curl, and its standard input. */
async function asPasted(command: string): Promise<{ args: string[]; stdin: string }> {
  const curl = `curl() { printf '%s\\0' "$@"; case " $* " in *' @- '*) cat;; esac; }\n`;
  const shell = new Deno.Command("sh", {
    env: { AI_ENGINE_TOKEN: "t0ken" },
    stdin: "piped",
    stdout: "piped",
  });
  const child = shell.spawn();
  const writer = child.stdin.getWriter();
  const [{ stdout }] = await Promise.all([
    child.output(),
    writer.write(new TextEncoder().encode(curl + command + "\n")).then(() => writer.close()),
  ]);
  const parts = new TextDecoder().decode(stdout).split("\0");
  return { args: parts.slice(0, -1), stdin: parts.at(-1) ?? "" };
}

const URL_HERE = "http://127.0.0.1:7411/api/engines/echo/input";

for (const input of ["hello", "it's", 'a\nb\r\n$HOME `id` \\ "q" !x %s', "@file", "grüß 🙂", ""]) {
  Deno.test(`curl: a shell makes the same body of it: ${JSON.stringify(input)}`, async () => {
    const command = curlCommand({ url: URL_HERE, body: { input }, asksForToken: false });
    const { args } = await asPasted(command);
    assertEquals(args, [
      ...["-N", URL_HERE, "-H", "Content-Type: application/json"],
      ...["-d", JSON.stringify({ input })],
    ]);
  });
}

Deno.test("curl: a token comes from the environment, and is not in the command", async () => {
  const command = curlCommand({ url: URL_HERE, body: {}, asksForToken: true });
  const { args } = await asPasted(command);
  assertEquals(args.slice(2, 4), ["-H", "Authorization: Bearer t0ken"]);
});

Deno.test("curl: what is too long for an argument goes over standard input", async () => {
  const body = { input: "it's $HOME\n".repeat(20_000) };
  const { args, stdin } = await asPasted(curlCommand({ url: URL_HERE, body, asksForToken: false }));
  assertEquals(args.slice(-2), ["--data-binary", "@-"]);
  assertEquals(stdin, JSON.stringify(body) + "\n");
});

Deno.test("events are read the same however they are cut", () => {
  const text = 'event: chunk\r\ndata: {"text":"a"}\r\n\r\n:\n\nid: 4\ndata: x\ndata:y\n\n' +
    "event: none\n\ndata: [DONE]\n\nevent: half";
  const wanted = [
    { type: "chunk", data: '{"text":"a"}' },
    { type: "message", data: "x\ny" },
    { type: "message", data: "[DONE]" },
  ];
  for (let size = 1; size <= text.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) {
      events.push(...reader.read(text.slice(at, at + size)));
    }
    assertEquals(events, wanted, `pieces of ${size}`);
  }
});
