import type { PythonState, PythonWish } from "../../core/mod.ts";
import { runShortProcess } from "../short_process.ts";

/** Importing may be slow from a disk that sleeps. */
const LIMIT_MS = 20_000;
const MAX_BYTES = 65_536;

/** Imports the packages, as one that is there may be broken. */
const SCRIPT = `
import importlib, json, platform, sys
folder, packages = sys.argv[1], sys.argv[2:]
sys.path[0:1] = [folder] if folder else []
missing = []
for package in packages:
    try:
        importlib.import_module(package)
    except Exception:
        missing.append(package)
print(json.dumps({"version": platform.python_version(), "missing": missing}))
`;

export async function examinePython(
  path: string,
  { folder, packages }: PythonWish,
): Promise<PythonState> {
  try {
    const argv = [path, "-c", SCRIPT, folder ?? "", ...packages] as const;
    const end = await runShortProcess([...argv], { limitMs: LIMIT_MS, maxBytes: MAX_BYTES });
    if (end.kind !== "done") return { kind: "broken", why: whyNot(end) };
    const { version, missing } = JSON.parse(end.output);
    return { kind: "runs", version: String(version), missing: [...missing].map(String) };
  } catch (error) {
    return { kind: "broken", why: error instanceof Error ? error.message : String(error) };
  }
}

function whyNot(end: { readonly kind: string; readonly code?: number }): string {
  if (end.kind === "failed") return `it ended with the code ${end.code}`;
  return end.kind === "too_long" ? "it did not end in time" : "it printed something else";
}
