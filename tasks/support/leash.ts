/**
 * Programs that do not outlive us, however we end, by SIGKILL too. Between us and the program stands
 * this module as a process of its own: it holds the end of a pipe that closes when we are gone, and
 * then ends the program.
 */
import { type Run, send } from "./dev_loop.ts";

export interface LeashOptions {
  /** @default the current directory */
  readonly cwd?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a terminal, or whoever ends us in an orderly way, sends. */
export const END_SIGNALS = Deno.build.os === "windows" ? ["SIGINT"] as const : [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
] as const;

/** How long a program may take to end when its owner is gone. */
const END_LIMIT_MS = 20_000;

/**
 * Starts a program without input, in a session of its own, so that a Ctrl-C does not reach it by
 * itself. SIGKILL goes to that session's whole group, any other signal to the program alone.
 */
export function startLeashed(
  argv: readonly [string, ...string[]],
  options: LeashOptions = {},
): Run {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", import.meta.url, ...argv],
    ...options,
    detached: true,
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return {
    status: child.status.then(async (status) => {
      await child.stdin.close().catch(() => {}); // its reader is gone
      return status;
    }),
    kill: (osSignal = "SIGTERM") => {
      if (osSignal === "SIGKILL") Deno.kill(-child.pid, osSignal);
      else child.kill(osSignal);
    },
  };
}

/** Runs a program until it ends, or until our owner is gone. Returns its exit code. */
async function hold([program = "", ...args]: readonly string[]): Promise<number> {
  for (const osSignal of END_SIGNALS) Deno.addSignalListener(osSignal, () => send(child, osSignal));
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  await Promise.race([child.status, endOfOwner()]);
  send(child, "SIGTERM");
  setTimeout(() => send(child, "SIGKILL"), END_LIMIT_MS);
  return (await child.status).code;
}

/** Nothing is ever written to us: our input ends when the last one who could is gone. */
async function endOfOwner(): Promise<void> {
  while (await Deno.stdin.read(new Uint8Array(1)) !== null);
}

if (import.meta.main) Deno.exit(await hold(Deno.args));
