/** The helper's script on its own, with lines of the test's as its input. */
import script from "../../../src/platform/reaper.sh" with { type: "text" };

export interface ReaperShell {
  readonly pid: number;
  tell(lines: string): Promise<void>;
  /** What it does when the supervisor is gone: resolves with its exit code when it has ended. */
  endInput(): Promise<number>;
}

/** Calls `use` with a helper for run ids that begin with `runPrefix`, told `more`; it is gone afterwards. */
export async function withReaperShell(
  runPrefix: string,
  use: (shell: ReaperShell) => Promise<void>,
  [cgroup = "", dirs = ""]: readonly string[] = [],
): Promise<void> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", script, runPrefix, cgroup, dirs, script],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
  }).spawn();
  const input = child.stdin.getWriter();
  let isOpen = true;
  const endInput = async () => {
    if (isOpen) await input.close().catch(() => {});
    isOpen = false;
    return (await child.status).code;
  };
  try {
    await use({
      pid: child.pid,
      tell: (lines) => input.write(new TextEncoder().encode(lines)),
      endInput,
    });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await endInput();
  }
}

/** Processes that sleep, ended however a test ends. */
export async function withSleepers(
  specs: readonly { readonly env?: Readonly<Record<string, string>>; readonly name?: string }[],
  use: (pids: readonly number[]) => Promise<void>,
): Promise<void> {
  const children = specs.map(({ env = {}, name = "sleep" }) =>
    new Deno.Command(name, { args: ["1000"], env, detached: true, stdout: "null" }).spawn()
  );
  try {
    await use(children.map(({ pid }) => pid));
  } finally {
    for (const child of children) {
      try {
        child.kill("SIGKILL");
      } catch {
        // The test has ended it.
      }
    }
    await Promise.all(children.map(({ status }) => status));
  }
}
