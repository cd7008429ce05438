/** Real process trees for tests, ended and let go however a test ends. */
import type { ProcessTree, SpawnSpec } from "../../../src/core/mod.ts";
import { systemProcesses } from "../../../src/platform/mod.ts";
import { LIMIT_MS, until } from "./until.ts";

export interface RunningTree {
  readonly tree: ProcessTree;
  /** What it has printed on stdout so far. */
  output(): string;
  /** The `index`-th line of its stdout, when it is whole. */
  line(index: number): Promise<string>;
}

export interface TreeOptions extends Partial<Omit<SpawnSpec, "argv">> {
  /** @default 0o022 */
  readonly umask?: number;
}

let runs = 0;

/** A run id that no other test has. */
export function newRunId(): string {
  return `test-${Deno.pid}-${++runs}-`;
}

export function withShell(
  script: string,
  use: (running: RunningTree) => Promise<void>,
  options: TreeOptions = {},
): Promise<void> {
  return withTree(["sh", "-c", script], use, options);
}

export function withPython(
  script: string,
  use: (running: RunningTree) => Promise<void>,
  options: TreeOptions = {},
): Promise<void> {
  return withTree(["python3", "-u", "-c", script], use, options);
}

/** A process with a child that has kept nothing of it but the session; the child is ended in any case. */
export function withShed(
  use: (tree: ProcessTree, child: number) => Promise<void>,
  options: TreeOptions = {},
): Promise<void> {
  const script = `
import os, time
if os.fork() == 0:
    os.setpgid(0, 0)
    print(os.getpid(), flush=True)
    os.execve("/bin/sleep", ["sleep", "1000"], {})
time.sleep(1000)
`;
  return withPython(script, async ({ tree, line }) => {
    const child = Number(await line(0));
    const name = () => Deno.readTextFile(`/proc/${child}/comm`);
    await until("it has shed its environment", async () => await name() === "sleep\n");
    try {
      await use(tree, child);
    } finally {
      if (await isAlive(child)) Deno.kill(child, "SIGKILL"); // it holds the pipes
    }
  }, options);
}

/** A process whose first thread has exited, and one goes on: it looks like a zombie. */
export function withHeadless(use: (tree: ProcessTree) => Promise<void>): Promise<void> {
  const script = `
import ctypes, platform, threading, time
threading.Thread(target=time.sleep, args=[1000]).start()
print("begun", flush=True)
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
`;
  return withPython(script, async ({ tree, line }) => {
    await line(0);
    await until("its first thread has exited", async () => await stateOf(tree.pid) === "Z");
    await use(tree);
  });
}

async function withTree(
  argv: readonly [string, ...string[]],
  use: (running: RunningTree) => Promise<void>,
  { umask = 0o022, ...options }: TreeOptions,
): Promise<void> {
  const runId = options.runId ?? newRunId();
  const tree = systemProcesses({ umask }).spawn({ env: {}, ...options, argv, runId });
  const text = { stdout: "" };
  const reading = [
    read(tree.stdout, (part) => text.stdout += part),
    read(tree.stderr, (part) => console.error(part)),
  ];
  const output = () => text.stdout;
  // One that does not end as it should fails its test instead of holding it up.
  const limit = setTimeout(() => tree.signal("SIGKILL"), LIMIT_MS);
  try {
    await use({
      tree,
      output,
      async line(index) {
        await until(`line ${index}`, () => text.stdout.split("\n").length > index + 1);
        return text.stdout.split("\n")[index] ?? "";
      },
    });
  } finally {
    clearTimeout(limit);
    tree.signal("SIGKILL");
    await until("nothing of the tree is left", async () => await tree.killStrays() === 0);
    await tree.exited;
    tree.release();
    await Promise.all(reading);
  }
}

async function read(stream: ReadableStream<Uint8Array>, take: (part: string) => void) {
  const decoder = new TextDecoder();
  for await (const part of stream) take(decoder.decode(part, { stream: true }));
}

/** The state letter of a process, e.g. `Z`; `null` when it is gone. */
export async function stateOf(pid: number): Promise<string | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? null;
  } catch {
    return null;
  }
}

/** Whether a process lives; a zombie does not. */
export async function isAlive(pid: number): Promise<boolean> {
  const state = await stateOf(pid);
  return state !== null && state !== "Z";
}
