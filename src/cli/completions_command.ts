/**
 * `completions`, and what its scripts ask for.
 *
 * @module
 */
import { quote } from "../config/mod.ts";
import { nearest, UsageError } from "../core/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import type { Screen } from "./screen.ts";
import { SHELLS } from "./words.ts";

type Shell = typeof SHELLS[number];

const SCRIPTS: Readonly<Record<Shell, () => Promise<string>>> = {
  bash: async () => (await import("./completions/bash.ts")).bashCompletions(),
  zsh: async () => (await import("./completions/zsh.ts")).zshCompletions(),
  fish: async () => (await import("./completions/fish.ts")).fishCompletions(),
  powershell: async () => (await import("./completions/powershell.ts")).powershellCompletions(),
};

/** `completions SHELL`: a script for that shell. */
export async function completions(screen: Screen, [name = ""]: readonly string[]): Promise<number> {
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    throw new UsageError({
      detail: `${quote(name)} is no shell that completions are made for; there is ${
        SHELLS.join(", ")
      }.`,
      remedy: `ai-engine completions ${nearest(name, SHELLS) ?? "bash"}`,
    });
  }
  await screen.print((await SCRIPTS[shell]()).trimEnd());
  return 0;
}

/** Somebody waits with a finger on Tab: 300 ms in all, of which the program's own start takes some. */
const NAMES_WITHIN_MS = 200;

/** Prints the names of the engines. Whatever goes wrong, nothing is said: nobody would read it. */
export async function printNames(
  deps: CliDeps,
  findControl: () => Promise<string | null>,
): Promise<number> {
  try {
    const client = await deps.connect(await findControl());
    try {
      const request = { method: "GET", target: "/api/engines" } as const;
      const { json } = await client.request(request, { limitMs: NAMES_WITHIN_MS });
      const engines = (json as { engines?: readonly { name?: unknown }[] } | undefined)?.engines;
      const names = (engines ?? []).map(({ name }) => name).filter((name) =>
        typeof name === "string" && /^[a-z0-9._-]+$/.test(name)
      );
      if (names.length > 0) await deps.stdout.write(`${names.join("\n")}\n`);
    } finally {
      client.close();
    }
  } catch {
    // As said.
  }
  return 0;
}
