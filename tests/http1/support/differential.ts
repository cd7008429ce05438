/** Our server codec beside Node's parser: same bytes, and where we accept, the same messages. */
import { latin1 } from "./play.ts";
import type { NodeParser, NodeTranscript } from "./node_parser.ts";
import { COMMON_METHODS } from "./requests.ts";
import { serve, type Served, type ServerTranscript } from "./serve.ts";

/** Something we take that Node reads differently, or refuses. */
export interface Difference {
  readonly kind: "other_message" | "other_length" | "only_ours";
  readonly ours: ServerTranscript;
  readonly theirs: NodeTranscript;
  /** The request of ours that Node did not take, of `only_ours`. */
  readonly refused?: Served;
}

interface Explanation {
  /** Which of the two is right, and by what. */
  readonly why: string;
  /** An input that shows it. */
  readonly example: string;
  readonly covers: (difference: Difference) => boolean;
}

/** What is known to differ. In no case do the two disagree about where a message ends. */
export const EXPLAINED: readonly Explanation[] = [
  {
    why: "both: Node knows a list of methods, to us any token is one (RFC 9110 section 9.1)",
    example: "get / HTTP/1.1\r\nHost: x\r\n\r\n",
    covers: ({ kind, theirs, refused }) =>
      kind === "only_ours" && theirs.error === "HPE_INVALID_METHOD" &&
      !COMMON_METHODS.includes(refused?.method ?? ""),
  },
  {
    why: "we: a tab may stand around a value as well as a space (RFC 9110 section 5.6.3)",
    example: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n",
    covers: ({ kind, theirs, refused }) =>
      kind === "only_ours" && refused?.framing !== "none" &&
      /^HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)$/.test(theirs.error ?? ""),
  },
];

/** `undefined` when all is the same, or we are the stricter ones. */
export async function differ(
  node: NodeParser,
  input: Uint8Array,
): Promise<Difference | undefined> {
  return compare(serve([input], { eof: true }), await node.parse(input));
}

/** Throws for a difference that has no explanation. */
export async function assertExplained(node: NodeParser, input: Uint8Array): Promise<void> {
  const difference = await differ(node, input);
  if (difference === undefined || EXPLAINED.some(({ covers }) => covers(difference))) return;
  const { kind, ours, theirs } = difference;
  throw new Error(
    `${kind} for ${JSON.stringify(latin1(input))}\n${JSON.stringify({ ours, theirs })}`,
  );
}

function compare(ours: ServerTranscript, theirs: NodeTranscript): Difference | undefined {
  const whole = ours.requests.filter(({ trailers }) => trailers !== undefined);
  for (const [index, request] of whole.entries()) {
    const other = theirs.requests[index];
    if (other === undefined) return { kind: "only_ours", ours, theirs, refused: request };
    if (request.body.length !== other.bodyBytes) return { kind: "other_length", ours, theirs };
    if (!isSameHead(request, other)) return { kind: "other_message", ours, theirs };
  }
  // A message that Node has whole while we wait for more of it: we frame it longer.
  const isWaiting = ours.fault?.includes("(TRUNCATED)") ?? false;
  const isLonger = isWaiting && theirs.requests.length > whole.length;
  return isLonger ? { kind: "other_length", ours, theirs } : undefined;
}

function isSameHead(ours: Served, theirs: NodeTranscript["requests"][number]): boolean {
  // Of an absolute target we tell the path.
  const target = theirs.target.replace(/^http:\/\/[^/?]*/i, "");
  return ours.method === theirs.method && (ours.target === target || ours.target === `/${target}`);
}
