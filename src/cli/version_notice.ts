import type { ClientContext } from "./client_context.ts";
import { isRecord } from "./problem.ts";
import { oneLine } from "./text.ts";

/** A supervisor that takes longer has other trouble, of which the command itself will tell. */
const LIMIT_MS = 2_000;

/** Says on stderr when the supervisor is not of this program's version: they may differ in what they know. */
export async function tellOtherVersion(context: ClientContext): Promise<void> {
  const { client, screen, signal, deps: { version: { version: ours } } } = context;
  const request = { method: "GET", target: "/health" } as const;
  const answer = await client.request(request, { signal, limitMs: LIMIT_MS }).catch(() => null);
  const theirs = isRecord(answer?.json) ? answer.json["version"] : undefined;
  if (typeof theirs !== "string" || theirs === ours) return;
  const isOlder = compareVersions(ours, theirs) < 0;
  const title = `this command line is ${isOlder ? "older" : "newer"} than the supervisor`;
  const detail = `it is ${ours}, the supervisor is ${oneLine(theirs)}`;
  const remedy = isOlder
    ? "use the newer program"
    : "`ai-engine shutdown`, then `ai-engine serve` with the newer program";
  if (screen.json) await screen.tell(JSON.stringify({ notice: { title, detail, remedy } }));
  else await screen.tell(`note: ${title}: ${detail}; try: ${remedy}`);
}

/** Below 0 when `a` is older. Numbers count as numbers; what else there is, as text. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split(/[.+-]/);
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const one = left[i];
    const other = right[i];
    if (one === other) continue;
    // 1.2.0-rc is older than 1.2.0, and 1.2.0 newer than 1.2.
    if (one === undefined) return Number.isNaN(Number(other)) ? 1 : -1;
    if (other === undefined) return Number.isNaN(Number(one)) ? -1 : 1;
    const difference = Number(one) - Number(other);
    if (Number.isNaN(difference)) return one < other ? -1 : 1;
    if (difference !== 0) return difference;
  }
  return 0;
}
