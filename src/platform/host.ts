/** Facts about this machine and this program, taken once at start. */
import { dirname, fromFileUrl } from "@std/path";
import { hasPackedEngine } from "./packed/packed_engine.ts";

/** Saved at start: after the file was replaced, asking again would name a deleted one. */
const EXEC_PATH = Deno.execPath();

/** What only a process of ours is started with: it runs the built-in engine. */
export const ENGINE_ARGUMENT = "__engine";

/** The same: it reads a configuration file. */
export const CONFIG_ARGUMENT = "__config";

const OWN_ARGV: readonly [string, ...string[]] = Deno.build.standalone
  ? [EXEC_PATH]
  : [EXEC_PATH, "run", "--quiet", "-A", fromFileUrl(Deno.mainModule)];

/** What starts this program once more with `args`. */
export function ownArgv(...args: readonly string[]): readonly [string, ...string[]] {
  const [program, ...first] = OWN_ARGV;
  return [program, ...first, ...args];
}

export const host = {
  os: Deno.build.os as string,
  arch: Deno.build.arch as string,
  standalone: Deno.build.standalone,
  denoVersion: Deno.version.deno,
  pid: Deno.pid,
  programDir: Deno.build.standalone ? dirname(EXEC_PATH) : dirname(fromFileUrl(Deno.mainModule)),
  pathDirs: (Deno.env.get("PATH") ?? "").split(":").filter((dir) => dir.startsWith("/")),
  builtinArgv: ownArgv(ENGINE_ARGUMENT),
  hasPackedEngine: hasPackedEngine(),
  isRoot: Deno.build.os !== "windows" && Deno.uid() === 0,
} as const;

export function environment(): Readonly<Record<string, string>> {
  return Deno.env.toObject();
}

export function currentDir(): string {
  return Deno.cwd();
}

/** Makes what this program creates its own user's alone; returns the umask it was started with. */
export function takeUmask(): number {
  return Deno.umask(0o077);
}

/** Tells `handler` of errors that nobody caught, instead of ending the program and leaving engines. */
export function onUncaught(handler: (error: unknown) => void): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    handler(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    handler(event.error);
  });
}
