/** The two engines of our own, as commands. */
import { join } from "@std/path";

export interface EngineUnderTest {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** It can't run here, and nobody promised that it could. */
  readonly skipped: boolean;
}

const ENGINE_ROOT = join(import.meta.dirname ?? ".", "..", "..", "..", "engine");
const PYTHON = join(ENGINE_ROOT, "python", ".venv", "bin", "python");
const IS_PYTHON_MISSING = !exists(PYTHON) && Deno.env.get("CI") !== "true";

const ENGINES: readonly EngineUnderTest[] = [
  {
    name: "built-in engine",
    command: [Deno.execPath(), "run", "-A", join(ENGINE_ROOT, "builtin", "main.ts")],
    skipped: false,
  },
  {
    name: IS_PYTHON_MISSING
      ? "Python engine (skipped: engine/python/.venv is missing)"
      : "Python engine",
    command: [PYTHON, "-m", "ai_engine"],
    skipped: IS_PYTHON_MISSING,
  },
];

/** Defines a test of `behaviour` for each of the two. */
export function forBoth(
  behaviour: string,
  scenario: (engine: EngineUnderTest, t: Deno.TestContext) => Promise<void>,
): void {
  for (const engine of ENGINES) {
    const name = `${engine.name}: ${behaviour}`;
    Deno.test({ name, ignore: engine.skipped, fn: (t) => scenario(engine, t) });
  }
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
