import { assertEquals } from "@std/assert";
import type { RequestView } from "../../src/core/mod.ts";
import { describeRequest, toSpans } from "../../src/web/ui/words_lists.js";

/** As `[look]text` each. */
function spans(styled: string): string {
  return toSpans(styled).map(({ look, text }) => look === "" ? text : `[${look}]${text}`).join("|");
}

const COLOURED = [
  ["plain", "plain"],
  ["\x1b[31mred\x1b[0m plain", "[red]red| plain"],
  ["\x1b[1;31mboth\x1b[22m red\x1b[39m plain", "[bold red]both|[red] red| plain"],
  ["\x1b[91mbright\x1b[m", "[red]bright"],
  ["\x1b[90mgrey\x1b[37mlight", "[grey]grey|light"],
  ["\x1b[44;35mon blue\x1b[49m not", "[framed magenta]on blue|[magenta] not"],
  ["\x1b[7mturned\x1b[27m not", "[framed]turned| not"],
  ["\x1b[38;5;1mone\x1b[38;5;46mgreen\x1b[38;5;244mgrey", "[red]one|[green]green|[grey]grey"],
  ["\x1b[38;2;250;10;10mred\x1b[38;2;200;200;200mnone", "[red]red|none"],
  ["\x1b[38;5;12;1mblue\x1b[48;5;9mframed", "[bold blue]blue|[bold framed blue]framed"],
  ["\x1b[999mwhat", "what"],
  ["\x1b[38mno more", "no more"],
  ["\x1b[31m\x1b[m", ""],
] as const;

for (const [styled, expected] of COLOURED) {
  Deno.test(`a coloured line is cut into pieces: ${expected}`, () => {
    assertEquals(spans(styled), expected);
  });
}

const VIEW: RequestView = {
  id: "a",
  traceId: "b",
  way: "model",
  engine: null,
  model: "tiny",
  method: "POST",
  path: "/v1/chat/completions",
  progress: { phase: "held" },
  place: null,
  startedAt: "2025-01-01T00:00:00.000Z",
  status: null,
  errorCode: null,
  heldMs: null,
  firstByteMs: null,
  totalMs: null,
  bytesIn: 0,
  bytesOut: 0,
  tokensIn: null,
  tokensOut: null,
};

const NOW = Date.UTC(2025, 0, 1, 0, 0, 2);

const SAID: readonly (readonly [string, Partial<RequestView>])[] = [
  ["Waiting", {}],
  ["Waiting, next in line", { place: 1 }],
  ["Waiting, 3rd in line", { place: 3 }],
  ["Sent", { progress: { phase: "sent" } }],
  ["Answering (200)", { progress: { phase: "answering" }, status: 200 }],
  ["200", { progress: { phase: "ended", outcome: "answered" }, status: 200 }],
  ["503", { progress: { phase: "ended", outcome: "answered" }, status: 503 }],
  ["Broke off 200", { progress: { phase: "ended", outcome: "cut" }, status: 200 }],
  ["Client left ", { progress: { phase: "ended", outcome: "left" } }],
  ["Cancelled ", { progress: { phase: "ended", outcome: "cancelled" } }],
  [
    "Refused 429 queue_full",
    {
      progress: { phase: "ended", outcome: "refused" },
      status: 429,
      errorCode: "queue_full",
    },
  ],
];

for (const [word, part] of SAID) {
  Deno.test(`a request is said to be: ${word}`, () => {
    assertEquals(describeRequest({ ...VIEW, ...part }, NOW).word.trim(), word.trim());
  });
}

Deno.test("what is known of a request is said, and how long it is running", () => {
  const { engine, total, tokens, isRunning } = describeRequest(VIEW, NOW);
  assertEquals([engine, total, tokens, isRunning], ["model tiny", "2 s", "–", true]);
  const ended = { phase: "ended", outcome: "answered" } as const;
  const part = { progress: ended, totalMs: 1_500, firstByteMs: 500, tokensIn: 7, tokensOut: 20 };
  const done = describeRequest({ ...VIEW, ...part, bytesIn: 12, bytesOut: 3_400 }, NOW);
  assertEquals([done.total, done.tokens, done.bytes], [
    "1.5 s",
    "7 / 20, 20.0 a second",
    "12 B / 3.4 kB",
  ]);
});
