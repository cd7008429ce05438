/** What holds for any input. `properties_test.ts` looks at a fixed seed, `deno task fuzz` at others. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ClientCodec,
  DEFAULT_LIMITS,
  encodeRequestHead,
  ServerCodec,
} from "../../../src/http1/mod.ts";
import { HeadParser } from "../../../src/http1/head_parser.ts";
import { Intake } from "../../../src/http1/intake.ts";
import { anyAnswer, brokenAnswer, validAnswer } from "./answers.ts";
import { exchange } from "./exchange.ts";
import { cut, cuts, fieldLines, type Lines, lower, pieceTexts, token } from "./generators.ts";
import { bytewise, latin1, play } from "./play.ts";
import { anyRequests, brokenRequests, requestParts, validRequests } from "./requests.ts";
import { serve } from "./serve.ts";

export interface Property {
  readonly name: string;
  /** How often the test tries it. */
  readonly runs: number;
  /** Throws when it finds a case for which it does not hold; the error says which. */
  check(params: { readonly seed: number; readonly numRuns: number }): void;
}

function property<Case>(
  name: string,
  { runs, cases, holds }: { runs: number; cases: fc.Arbitrary<Case>; holds(one: Case): void },
): Property {
  return { name, runs, check: (params) => fc.assert(fc.property(cases, holds), params) };
}

/** `play` and `serve` let every error through that is not ours. */
const SPLITS = "one shot, byte by byte and random pieces give the same, and no error but ours";

const clientSplits = [
  ["valid answers", validAnswer],
  ["broken answers", brokenAnswer],
  ["any bytes for an answer", anyAnswer],
] as const;

const serverSplits = [
  ["valid requests", validRequests],
  ["broken requests", brokenRequests],
  ["any bytes for requests", anyRequests],
] as const;

const response = fc.record({
  status: fc.constantFrom(200, 204, 304, 404, 599),
  fields: fieldLines,
  pieces: pieceTexts,
  framing: fc.constantFrom("length" as const, "chunked" as const),
  informational: fc.nat({ max: 2 }),
});

export const PROPERTIES: readonly Property[] = [
  ...clientSplits.map(([name, inputs]) =>
    property(`for ${name}, ${SPLITS}`, {
      runs: 2_000,
      cases: fc.tuple(inputs, cuts, fc.constantFrom("GET", "HEAD")),
      holds: ([{ input, eof }, places, method]) => {
        const whole = play([input], { eof, method });
        assertEquals(play(bytewise(input), { eof, method }), whole);
        assertEquals(play(cut(input, places), { eof, method }), whole);
      },
    })
  ),
  ...serverSplits.map(([name, inputs]) =>
    property(`for ${name}, ${SPLITS}`, {
      runs: 2_000,
      cases: fc.tuple(inputs, cuts),
      holds: ([{ input, eof }, places]) => {
        const whole = serve([input], { eof });
        assertEquals(serve(bytewise(input), { eof }), whole);
        assertEquals(serve(cut(input, places), { eof }), whole);
      },
    })
  ),
  property("what a server took and what it left make up what came in", {
    runs: 2_000,
    cases: fc.oneof(validRequests, brokenRequests, anyRequests),
    holds: ({ input }) => {
      const whole = serve([input]);
      if (whole.fault !== undefined) return;
      const taken = input.subarray(0, input.length - whole.bufferedBytes);
      assertEquals(serve([taken]), { ...whole, bufferedBytes: 0 });
    },
  }),
  property("an answer that was built comes out as it went in", {
    runs: 1_000,
    cases: validAnswer,
    holds: ({ input, eof, body, answer }) => {
      const out = play([input], { eof });
      assertEquals(out.fault, undefined);
      assertEquals([out.status, out.body], [answer.status, body]);
      assertEquals(out.fields?.slice(0, answer.fields.length), lower(answer.fields));
      assertEquals(out.informational.length, answer.hints);
      assertEquals(out.trailers, answer.framing === "chunked" ? lower(answer.trailers) : []);
      assertEquals(out.isReusable, answer.framing !== "until_close");
    },
  }),
  property("requests that were built come out as they went in, one after the other", {
    runs: 1_000,
    cases: validRequests,
    holds: ({ input, requests }) => {
      const out = serve([input]);
      assertEquals(out.fault, undefined);
      assertEquals(out.requests.length, requests.length);
      for (const [index, request] of requests.entries()) {
        const { method, target, framing, pieces, fields, trailers } = request;
        const found = out.requests[index];
        assertEquals([found?.method, found?.target, found?.framing], [method, target, framing]);
        assertEquals(found?.body, framing === "none" ? "" : pieces.join(""));
        assertEquals(found?.fields.slice(1, fields.length + 1), lower(fields));
        assertEquals(found?.trailers, framing === "chunked" ? lower(trailers) : []);
      }
      assertEquals([out.isReusable, out.bufferedBytes], [true, 0]);
    },
  }),
  property("the fields of a request that was built are read back as they went in", {
    runs: 1_000,
    cases: fc.tuple(token.filter((name) => name !== "CONNECT"), fieldLines, fc.nat({ max: 1e9 })),
    holds: ([method, fields, length]) => {
      const all: Lines = [["Host", "x"], ...fields, ["Content-Length", String(length)]];
      const { bytes, bodyBytes } = encodeRequestHead({ method, target: "/a?b=c", fields: all });
      assertEquals(bodyBytes, length);
      const startLine = `${method} /a?b=c HTTP/1.1\r\n`;
      assertEquals(latin1(bytes.subarray(0, startLine.length)), startLine);
      const intake = new Intake();
      intake.receive(bytes.subarray(startLine.length));
      const read = new HeadParser({ limits: DEFAULT_LIMITS }).parse(intake);
      assertEquals(read?.pairs(), lower(all));
      assertEquals(intake.size, 0);
    },
  }),
  property("what our client sends our server reads, and the other way round", {
    runs: 1_000,
    cases: fc.array(fc.record({ request: requestParts, response, cuts }), { maxLength: 3 }),
    holds: (exchanges) => {
      const client = new ClientCodec();
      const server = new ServerCodec();
      for (const one of exchanges) exchange(client, server, one);
    },
  }),
];
