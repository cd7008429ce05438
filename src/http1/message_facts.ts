import { byLength } from "./by_length.ts";
import type { FieldList } from "./field_list.ts";
import { escapeBytes, parseDecimal, spells, splitList, startsWith } from "./grammar.ts";
import type { Fault } from "./rules.ts";

/** The length that a head announces for its body. */
export type AnnouncedLength =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" };

/** What the fields of a head say about the message and its connection; nothing else is read. */
export interface MessageFacts {
  readonly announced: AnnouncedLength;
  /** `Connection: close` in any line. */
  readonly saysClose: boolean;
  /** `Connection: keep-alive` in any line. */
  readonly saysKeepAlive: boolean;
  /** `Keep-Alive: timeout=N` in milliseconds; a hint, so a malformed one is ignored. */
  readonly idleHintMs: number | undefined;
}

/** The facts while they are gathered. */
interface Draft {
  announced: AnnouncedLength;
  saysClose: boolean;
  saysKeepAlive: boolean;
  idleHintMs: number | undefined;
}

interface KnownField {
  readonly name: string;
  readonly read: (draft: Draft, value: Uint8Array, fault: Fault) => void;
}

/** The fields that matter here. */
const KNOWN_FIELDS = byLength<KnownField>([
  { name: "content-length", read: readContentLength },
  { name: "transfer-encoding", read: readTransferEncoding },
  { name: "connection", read: readConnection },
  { name: "keep-alive", read: readKeepAlive },
]);

const NONE: readonly KnownField[] = [];

/**
 * Reads the facts of a head, of either role. Lengths that contradict each other are refused here, for
 * every message, also for one that has no body: RFC 9112 section 6.3 (3) and (5).
 */
export function readFacts(fields: FieldList, fault: Fault): MessageFacts {
  const draft: Draft = {
    announced: { kind: "none" },
    saysClose: false,
    saysKeepAlive: false,
    idleHintMs: undefined,
  };
  for (let index = 0; index < fields.size; index++) {
    for (const known of KNOWN_FIELDS[fields.nameLength(index)] ?? NONE) {
      if (fields.isNamed(index, known.name)) known.read(draft, fields.value(index), fault);
    }
  }
  return draft;
}

/** Equal values collapse, in one line or several; others can't be told apart. */
function readContentLength(draft: Draft, value: Uint8Array, fault: Fault): void {
  for (const element of splitList(value)) {
    const bytes = parseDecimal(element);
    if (bytes === undefined) throw fault("BAD_CONTENT_LENGTH", escapeBytes(value));
    if (draft.announced.kind === "chunked") throw fault("TE_AND_CL");
    if (draft.announced.kind === "length" && draft.announced.bytes !== bytes) {
      throw fault("CONFLICTING_CONTENT_LENGTH", escapeBytes(value));
    }
    draft.announced = { kind: "length", bytes };
  }
}

function readTransferEncoding(draft: Draft, value: Uint8Array, fault: Fault): void {
  if (draft.announced.kind === "length") throw fault("TE_AND_CL");
  if (draft.announced.kind === "chunked" || !spells(value, "chunked")) {
    throw fault("UNSUPPORTED_TE", escapeBytes(value));
  }
  draft.announced = { kind: "chunked" };
}

function readConnection(draft: Draft, value: Uint8Array): void {
  for (const option of splitList(value)) {
    if (spells(option, "close")) draft.saysClose = true;
    if (spells(option, "keep-alive")) draft.saysKeepAlive = true;
  }
}

const TIMEOUT = "timeout=";

function readKeepAlive(draft: Draft, value: Uint8Array): void {
  for (const parameter of splitList(value)) {
    if (!startsWith(parameter, TIMEOUT)) continue;
    const seconds = parseDecimal(parameter.subarray(TIMEOUT.length));
    if (seconds !== undefined) draft.idleHintMs = seconds * 1_000;
  }
}
