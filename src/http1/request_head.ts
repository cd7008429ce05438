import { checkField, refused } from "./check_field.ts";
import { FieldList } from "./field_list.ts";
import { isAllOf, spells, splitList, TARGET, TOKEN } from "./grammar.ts";
import { readFacts } from "./message_facts.ts";
import { newBytes } from "./new_bytes.ts";
import { localFault } from "./rules.ts";

/** A request as the caller wants it; exactly one of the fields is `Host`. */
export interface RequestHead {
  /** Case matters; any token but `CONNECT`. */
  readonly method: string;
  /** Origin form, e.g. `/status?x=1`; `*` for OPTIONS. */
  readonly target: string;
  /** Values are Latin-1, without white space around them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A request head ready to be sent. */
export interface EncodedRequest {
  readonly bytes: Uint8Array;
  readonly method: string;
  /** Bytes of the body that follow, as `Content-Length` says; 0 without one. */
  readonly bodyBytes: number;
  /** The request asks for its connection to be closed. */
  readonly saysClose: boolean;
}

/**
 * Checks a request and turns its head into bytes. Whatever could make the peer read something other
 * than what was meant is refused: `ProtocolError("local", rule)`.
 */
export function encodeRequestHead(head: RequestHead): EncodedRequest {
  checkStartLine(head);
  for (const [name, value] of head.fields) checkField(name, value);
  const { bytes, fields } = writeHead(head);
  const { announced, saysClose } = readFacts(fields, localFault);
  // Bodies go out with a length.
  if (announced.kind === "chunked") throw localFault("UNSUPPORTED_TE");
  const bodyBytes = announced.kind === "length" ? announced.bytes : 0;
  checkSingles(fields, bodyBytes);
  return { bytes, method: head.method, bodyBytes, saysClose };
}

function checkStartLine({ method, target }: RequestHead): void {
  if (!isAllOf(method, TOKEN) || method === "CONNECT") throw refused("BAD_METHOD", method);
  const isOrigin = target.startsWith("/") || (target === "*" && method === "OPTIONS");
  if (!isOrigin || !isAllOf(target, TARGET)) throw refused("BAD_TARGET", target);
}

/** Fields of which the number, or the company, decides. */
function checkSingles(fields: FieldList, bodyBytes: number): void {
  let hosts = 0;
  let lengths = 0;
  for (let index = 0; index < fields.size; index++) {
    if (fields.isNamed(index, "host")) hosts++;
    // A reader would collapse equal lengths; they are not sent for all that.
    if (fields.isNamed(index, "content-length")) lengths += splitList(fields.value(index)).length;
    if (fields.isNamed(index, "expect") && bodyBytes === 0) throw localFault("BAD_EXPECT");
    if (fields.isNamed(index, "te")) checkTe(fields, fields.value(index));
  }
  if (hosts !== 1) throw localFault("BAD_HOST");
  if (lengths > 1) throw localFault("CONFLICTING_CONTENT_LENGTH");
}

/** TE is about this hop only, so `Connection` has to name it (RFC 9110 section 10.1.4). */
function checkTe(fields: FieldList, value: Uint8Array): void {
  let isNamed = false;
  for (let index = 0; index < fields.size; index++) {
    if (!fields.isNamed(index, "connection")) continue;
    isNamed ||= splitList(fields.value(index)).some((option) => spells(option, "te"));
  }
  if (!isNamed || !spells(value, "trailers")) throw localFault("BAD_TE");
}

/** Puts text into bytes, one byte a character. */
class Latin1Writer {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.bytes = newBytes(size);
  }

  /** Returns where the text ends. */
  write(text: string): number {
    for (let i = 0; i < text.length; i++) this.bytes[this.#at + i] = text.charCodeAt(i);
    return this.#at += text.length;
  }
}

const VERSION_END = " HTTP/1.1\r\n";
const NAME_END = ": ";
const LINE_END = "\r\n";

/** Writes the checked head and notes where the fields stand. */
function writeHead({ method, target, fields }: RequestHead) {
  let size = method.length + 1 + target.length + VERSION_END.length + LINE_END.length;
  for (const [name, value] of fields) {
    size += name.length + NAME_END.length + value.length + LINE_END.length;
  }
  const writer = new Latin1Writer(size);
  writer.write(method);
  writer.write(" ");
  writer.write(target);
  let nameStart = writer.write(VERSION_END);
  const offsets: number[] = [];
  for (const [name, value] of fields) {
    const nameEnd = writer.write(name);
    const valueStart = writer.write(NAME_END);
    offsets.push(nameStart, nameEnd, valueStart, writer.write(value));
    nameStart = writer.write(LINE_END);
  }
  writer.write(LINE_END);
  return { bytes: writer.bytes, fields: new FieldList(writer.bytes, offsets) };
}
