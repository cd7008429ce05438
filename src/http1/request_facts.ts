import { byLength } from "./by_length.ts";
import type { FieldList } from "./field_list.ts";
import { COMMA, escapeBytes, parseDecimal, spells, splitList } from "./grammar.ts";
import { isHostAndPort } from "./host_value.ts";
import type { AnnouncedLength } from "./message_facts.ts";
import { remoteFault } from "./rules.ts";

/** What the fields of a request say about it and its connection; nothing else is read. */
export interface RequestFacts {
  readonly announced: AnnouncedLength;
  /** `Connection: close` in any line. */
  readonly saysClose: boolean;
  /** `Connection: keep-alive` in any line. */
  readonly saysKeepAlive: boolean;
  /** `Connection: upgrade` in any line. */
  readonly saysUpgrade: boolean;
  /** `continue` = exactly `100-continue`, in any case. */
  readonly expects: "nothing" | "continue" | "other";
  readonly hosts: number;
  readonly upgrades: number;
}

type Draft = { -readonly [Key in keyof RequestFacts]: RequestFacts[Key] };

interface KnownField {
  readonly name: string;
  readonly read: (draft: Draft, value: Uint8Array) => void;
}

/** The fields that matter here. */
const KNOWN_FIELDS = byLength<KnownField>([
  { name: "host", read: readHost },
  { name: "expect", read: readExpect },
  { name: "upgrade", read: (draft) => void draft.upgrades++ },
  { name: "connection", read: readConnection },
  { name: "content-length", read: readContentLength },
  { name: "transfer-encoding", read: readTransferEncoding },
]);

const NONE: readonly KnownField[] = [];
const NOTHING_ANNOUNCED: AnnouncedLength = { kind: "none" };

/**
 * Reads the facts of a request's head, more strictly than those of an answer: an engine's repeated
 * lengths collapse, a client's are refused, as is whatever two readers could understand differently.
 * Throws `ProtocolError`.
 */
export function readRequestFacts(fields: FieldList): RequestFacts {
  const draft: Draft = {
    announced: NOTHING_ANNOUNCED,
    saysClose: false,
    saysKeepAlive: false,
    saysUpgrade: false,
    expects: "nothing",
    hosts: 0,
    upgrades: 0,
  };
  for (let index = 0; index < fields.size; index++) {
    for (const known of KNOWN_FIELDS[fields.nameLength(index)] ?? NONE) {
      if (fields.isNamed(index, known.name)) known.read(draft, fields.value(index));
    }
  }
  return draft;
}

/** RFC 9112 section 3.2: one Host, and nothing in it but a host and a port. */
function readHost(draft: Draft, value: Uint8Array): void {
  if (++draft.hosts > 1 || !isHostAndPort(value)) {
    throw remoteFault("BAD_HOST", escapeBytes(value));
  }
}

function readExpect(draft: Draft, value: Uint8Array): void {
  const isContinue = draft.expects !== "other" && spells(value, "100-continue");
  draft.expects = isContinue ? "continue" : "other";
}

function readConnection(draft: Draft, value: Uint8Array): void {
  for (const option of splitList(value)) {
    if (spells(option, "close")) draft.saysClose = true;
    if (spells(option, "keep-alive")) draft.saysKeepAlive = true;
    if (spells(option, "upgrade")) draft.saysUpgrade = true;
  }
}

function readContentLength(draft: Draft, value: Uint8Array): void {
  if (draft.announced.kind === "chunked") throw remoteFault("TE_AND_CL");
  if (draft.announced.kind === "length" || value.includes(COMMA)) {
    throw remoteFault("CONFLICTING_CONTENT_LENGTH", escapeBytes(value));
  }
  const bytes = parseDecimal(value);
  if (bytes === undefined) throw remoteFault("BAD_CONTENT_LENGTH", escapeBytes(value));
  draft.announced = { kind: "length", bytes };
}

const CHUNKED: AnnouncedLength = { kind: "chunked" };

function readTransferEncoding(draft: Draft, value: Uint8Array): void {
  if (draft.announced.kind === "length") throw remoteFault("TE_AND_CL");
  if (draft.announced.kind === "chunked" || value.includes(COMMA)) {
    throw remoteFault("REPEATED_TE", escapeBytes(value));
  }
  if (!spells(value, "chunked")) throw remoteFault("UNSUPPORTED_TE", escapeBytes(value));
  draft.announced = CHUNKED;
}
