import { escapeBytes, isAllOf, isBlank, TEXT, TOKEN } from "./grammar.ts";
import { localFault, type Rule } from "./rules.ts";

/**
 * Refuses a field that could be read as something other than what was meant: `ProtocolError("local")`
 * with `BAD_HEADER_NAME` or `BAD_HEADER_VALUE`.
 */
export function checkField(name: string, value: string): void {
  if (!isAllOf(name, TOKEN)) throw refused("BAD_HEADER_NAME", name);
  if (value === "") return;
  const isPadded = isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1));
  if (isPadded || !isAllOf(value, TEXT)) throw refused("BAD_HEADER_VALUE", value);
}

/** The fault of text that is not to be sent. */
export function refused(rule: Rule, text: string) {
  return localFault(rule, escapeBytes(new TextEncoder().encode(text)));
}
