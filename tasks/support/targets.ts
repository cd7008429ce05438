/** What executables are built for, and by what command. */
import type { ExecutableHeader } from "./executable_header.ts";

/** Deno's names for systems and architectures. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
] as const;

export type Target = typeof TARGETS[number];

export function isTarget(text: string): text is Target {
  return (TARGETS as readonly string[]).includes(text);
}

/** The file in dist/. */
export function executableName(target: Target): string {
  return `ai-engine-${target}${target.includes("windows") ? ".exe" : ""}`;
}

/** What the header of an executable for `target` says. */
export function headerOf(target: Target): ExecutableHeader {
  const arch = target.startsWith("aarch64") ? "aarch64" : "x86_64";
  if (target.includes("windows")) return { os: "windows", arch };
  return { os: target.includes("darwin") ? "darwin" : "linux", arch };
}

export interface CompileOptions {
  readonly target: Target;
  /** Where the executable goes. */
  readonly output: string;
  /** Version of the Deno that compiles, e.g. `2.9.6`. */
  readonly denoVersion: string;
  /** A file that goes into the executable. @default none */
  readonly include?: string;
  /** The lock file must fit as it is. */
  readonly isFrozen: boolean;
}

/**
 * The arguments of `deno` that make an executable. `denort` of the target is downloaded by Deno, or
 * taken from DENORT_BIN. Throws `RangeError` for a Deno that can't.
 */
export function compileArguments(options: CompileOptions): string[] {
  const { target, output, denoVersion, include, isFrozen } = options;
  const [major = 0, minor = 0] = denoVersion.split(".").map(Number);
  const is29 = major > 2 || (major === 2 && minor >= 9);
  if (target === "aarch64-pc-windows-msvc" && !is29) {
    throw new RangeError(`Deno ${denoVersion} has no target ${target}: use 2.9 or later.`);
  }
  return [
    "compile",
    "--allow-all",
    "--no-code-cache",
    "--exclude-unused-npm",
    ...is29 ? ["--app-name", "ai-engine"] : [],
    ...isFrozen ? ["--frozen"] : [],
    ...include === undefined ? [] : ["--include", include],
    "--target",
    target,
    "--output",
    output,
    "main.ts",
  ];
}
