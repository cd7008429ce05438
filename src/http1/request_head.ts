import { FieldList } from "./field_list.ts";
import { escapeBytes, isAllOf, isBlank, TARGET, TEXT, TOKEN } from "./grammar.ts";
import { type MessageFacts, readFacts } from "./message_facts.ts";
import { localFault, type Rule } from "./rules.ts";

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
  const facts = readFacts(fields, localFault);
  const bodyBytes = checkLength(head, facts);
  if (count(head, "host") !== 1) throw localFault("BAD_HOST");
  if (count(head, "expect") > 0 && bodyBytes === 0) throw localFault("BAD_EXPECT");
  checkTe(head);
  return { bytes, method: head.method, bodyBytes, saysClose: facts.saysClose };
}

function checkStartLine({ method, target }: RequestHead): void {
  if (!isAllOf(method, TOKEN) || method === "CONNECT") throw refused("BAD_METHOD", method);
  const isOrigin = target.startsWith("/") || (target === "*" && method === "OPTIONS");
  if (!isOrigin || !isAllOf(target, TARGET)) throw refused("BAD_TARGET", target);
}

function checkField(name: string, value: string): void {
  if (!isAllOf(name, TOKEN)) throw refused("BAD_HEADER_NAME", name);
  if (value === "") return;
  const isPadded = isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1));
  if (isPadded || !isAllOf(value, TEXT)) throw refused("BAD_HEADER_VALUE", value);
}

/** Bodies go out with a length; equal lengths twice, which a reader would collapse, are not sent. */
function checkLength(head: RequestHead, facts: MessageFacts): number {
  if (facts.announced.kind === "chunked") throw localFault("UNSUPPORTED_TE");
  const isList = count(head, "content-length") > 1 ||
    head.fields.some(([name, value]) => isNamed(name, "content-length") && value.includes(","));
  if (isList) throw localFault("CONFLICTING_CONTENT_LENGTH");
  return facts.announced.kind === "length" ? facts.announced.bytes : 0;
}

/** TE is about this hop only, so `Connection` has to name it (RFC 9110 section 10.1.4). */
function checkTe({ fields }: RequestHead): void {
  const te = fields.filter(([name]) => isNamed(name, "te"));
  if (te.length === 0) return;
  const options = fields
    .filter(([name]) => isNamed(name, "connection"))
    .flatMap(([_, value]) => value.toLowerCase().split(",").map((option) => option.trim()));
  const isFine = te.every(([_, value]) => value.toLowerCase() === "trailers");
  if (!isFine || !options.includes("te")) throw localFault("BAD_TE");
}

function count({ fields }: RequestHead, lowerName: string): number {
  return fields.filter(([name]) => isNamed(name, lowerName)).length;
}

function isNamed(name: string, lowerName: string): boolean {
  return name.length === lowerName.length && name.toLowerCase() === lowerName;
}

/** Writes the checked head, one byte a character, and notes where the fields stand. */
function writeHead({ method, target, fields }: RequestHead) {
  const startLine = `${method} ${target} HTTP/1.1\r\n`;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const text = startLine + lines.join("") + "\r\n";
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const offsets: number[] = [];
  let at = startLine.length;
  fields.forEach(([name, value], index) => {
    const valueStart = at + name.length + 2;
    offsets.push(at, at + name.length, valueStart, valueStart + value.length);
    at += lines[index]?.length ?? 0;
  });
  return { bytes, fields: new FieldList(bytes, offsets) };
}

function refused(rule: Rule, text: string) {
  return localFault(rule, escapeBytes(new TextEncoder().encode(text)));
}
