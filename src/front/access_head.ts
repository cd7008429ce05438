import type { AccessHead } from "../access/mod.ts";
import type { FieldList, ReceivedRequest } from "../http1/mod.ts";

/** What the decision about access reads of a request; nothing else of it is decoded. */
export function accessHead(request: ReceivedRequest): AccessHead {
  const { fields, target } = request;
  const query = target.indexOf("?");
  return {
    method: request.method,
    path: query < 0 ? target : target.slice(0, query),
    // The codec has seen to it that a target in absolute form names no other host.
    host: request.host ?? null,
    authority: null,
    origin: fieldText(fields, "origin"),
    secFetchSite: fieldText(fields, "sec-fetch-site"),
    secFetchMode: fieldText(fields, "sec-fetch-mode"),
    secFetchDest: fieldText(fields, "sec-fetch-dest"),
  };
}

/** The value of a field; several lines are joined as RFC 9110 section 5.2 says. `null` = none. */
export function fieldText(fields: FieldList, name: string): string | null {
  let index = fields.find(name);
  if (index < 0) return null;
  let text = fields.text(index);
  while ((index = fields.find(name, index + 1)) >= 0) text += `, ${fields.text(index)}`;
  return text;
}
