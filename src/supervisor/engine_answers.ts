/** Reading what engines answer to control requests. */
import { ConnectError } from "../core/mod.ts";

/** Statuses by which an engine says that it does not have a control path. */
export function isMissingFeature(status: number): boolean {
  return status === 404 || status === 405 || status === 501;
}

/** The JSON object in `body`; `{}` for an empty body, `null` for anything else. */
export function parseJsonObject(body: Uint8Array): Readonly<Record<string, unknown>> | null {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

/** Whether an engine could not be asked because this program has no descriptor left. */
export function isLackOfOurs(error: unknown): error is ConnectError {
  return error instanceof ConnectError && error.code === "too_many_connections";
}
