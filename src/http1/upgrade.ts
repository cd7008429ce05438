import { isSameText, spells, splitList } from "./grammar.ts";
import type { ResponseHead } from "./outcomes.ts";

/**
 * Whether an answer with 101 changes to protocols of the list `asked`, and to nothing else (RFC 9110
 * section 7.8): what follows is read by other rules than HTTP's, so both sides have to mean the same.
 */
export function isUpgradeTo({ minorVersion, fields }: ResponseHead, asked: Uint8Array): boolean {
  const offers = splitList(asked);
  const chosen = fields.elements("upgrade");
  const isNamed = fields.elements("connection").some((option) => spells(option, "upgrade"));
  const isOffered = (protocol: Uint8Array) =>
    protocol.length > 0 && offers.some((offer) => isSameText(offer, protocol));
  return minorVersion === 1 && isNamed && chosen.length > 0 && chosen.every(isOffered);
}
