/** Random answers: right ones, nearly right ones, any bytes. */
import fc from "fast-check";
import {
  edited,
  edits,
  extension,
  fieldLines,
  pieceTexts,
  writeChunks,
  writeFields,
} from "./generators.ts";
import { bytesOf, latin1 } from "./play.ts";

/** A valid answer, written by the test, with what has to come out. */
export const validAnswer = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  reason: fc.constantFrom("", " ", " OK", " Not \xe4 problem"),
  hints: fc.integer({ min: 0, max: 5 }),
  fields: fieldLines,
  pieces: pieceTexts,
  trailers: fieldLines,
  extension,
  framing: fc.constantFrom("length", "chunked", "until_close"),
}).map((answer) => {
  const { status, reason, hints, fields, pieces, trailers, extension, framing } = answer;
  const body = pieces.join("");
  const framed = {
    length: { line: `Content-Length: ${body.length}\r\n`, body },
    chunked: {
      line: "Transfer-Encoding: chunked\r\n",
      body: writeChunks(pieces, extension, trailers),
    },
    until_close: { line: "", body },
  }[framing];
  const input = "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n".repeat(hints) +
    `HTTP/1.1 ${status}${reason}\r\n${writeFields(fields)}${framed.line}\r\n${framed.body}`;
  return { input: bytesOf(input), eof: framing === "until_close", body, answer };
});

export const brokenAnswer = fc.tuple(validAnswer, edits)
  .map(([{ input, eof }, edits]) => ({ input: edited(input, edits), eof }));

const bytes = fc.uint8Array({ maxLength: 100 });

export const anyAnswer = fc.oneof(
  bytes,
  bytes.map((bytes) => bytesOf(`HTTP/1.1 200 OK\r\n${latin1(bytes)}`)),
  bytes.map((bytes) =>
    bytesOf(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${latin1(bytes)}`)
  ),
).map((input) => ({ input, eof: true }));
