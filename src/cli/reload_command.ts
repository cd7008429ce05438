import type { ReloadReport } from "../config/mod.ts";
import type { ClientContext } from "./client_context.ts";
import { notOurs } from "./control_client.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";

/** Reading a file of the largest size takes a second, and reloads go one after the other. */
const LIMIT_MS = 60_000;

/** What a report says, and how that is told. */
const PARTS = {
  added: "added",
  removed: "removed",
  replaced: "another process for",
  changed: "other settings for",
  unchanged: "unchanged",
  settings: "changed",
  later: "at the next start",
} as const satisfies Partial<Record<keyof ReloadReport, string>>;

/** `config reload`: has the supervisor read its configuration file again. */
export async function reload({ client, screen, signal }: ClientContext): Promise<number> {
  const request = { method: "POST", target: "/api/config/reload" } as const;
  const answer = await screen.during(
    "reloading",
    client.request(request, { signal, limitMs: LIMIT_MS }),
  );
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  const report = answer.json;
  if (!isRecord(report)) throw notOurs("the control socket");
  if (screen.json) {
    await screen.printJson(report);
    return 0;
  }
  const lines = Object.entries(PARTS).flatMap(([part, words]) => {
    const names = report[part];
    return Array.isArray(names) && names.length > 0 ? [`  ${words}: ${names.join(", ")}`] : [];
  });
  await screen.print(`reloaded ${report["path"] ?? "(no file)"}`, ...lines);
  return 0;
}
