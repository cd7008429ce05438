import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { StorageError } from "../../src/core/mod.ts";
import { takeLock } from "../../src/platform/mod.ts";
import { startPython } from "./support/python.ts";
import { withTempDir } from "./support/temp_dir.ts";

const HOLDER = { pid: 1, startedAt: "2025-01-01T00:00:00.000Z", control: "/x" };

interface Taker {
  /** What it said of its try. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** kill -9, and what it left behind stays. */
  kill(): Promise<void>;
}

/** Has another process of ours try to take the lock in `dir`. */
async function startTaker(dir: string): Promise<Taker> {
  const script = new URL("./support/take_lock.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", script, dir],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "null" } = await reader.read();
  await reader.cancel();
  return {
    said: JSON.parse(value),
    pid: child.pid,
    async kill() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
      await child.stdin.close().catch(() => {});
    },
  };
}

function killLeftover({ said }: Taker): void {
  if (typeof said["child"] === "number") Deno.kill(said["child"], "SIGKILL");
}

Deno.test("the second taker is refused and told who has the lock; kill -9 frees it, child or not", () =>
  withTempDir(async (dir) => {
    const first = await startTaker(dir);
    assertEquals(first.said["taken"], first.pid);
    try {
      const second = await startTaker(dir);
      await second.kill();
      assertEquals(second.said["code"], "already_running");
      assertStringIncludes(String(second.said["detail"]), `process ${first.pid},`);
      assertStringIncludes(String(second.said["detail"]), `${dir}/control.sock`);
      assertStringIncludes(String(second.said["remedy"]), "ai-engine shutdown");

      await first.kill();
      Deno.kill(Number(first.said["child"]), "SIGCONT");
      const third = await startTaker(dir);
      await third.kill();
      killLeftover(third);
      assertEquals(third.said["taken"], third.pid);
      const written = JSON.parse(await Deno.readTextFile(`${dir}/supervisor.lock`));
      assertEquals(written.pid, third.pid);
      assertEquals((await Deno.stat(`${dir}/supervisor.lock`)).mode! & 0o777, 0o600);
    } finally {
      await first.kill();
      killLeftover(first);
    }
  }));

for (const [what, content] of [["nothing", ""], ["nonsense", "{"], ["no holder", "{}"]] as const) {
  Deno.test(`a lock that another kind of program holds is refused when it says ${what}`, () =>
    withTempDir(async (dir) => {
      await Deno.writeTextFile(`${dir}/supervisor.lock`, content);
      const python = startPython(
        "import fcntl,sys; f=open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1); sys.stdin.read()",
        [`${dir}/supervisor.lock`],
      );
      await python.line();
      const taker = await startTaker(dir);
      await taker.kill();
      await python.end();
      assertEquals(taker.said["code"], "already_running");
      assertStringIncludes(String(taker.said["detail"]), "another process");
      assertEquals(await Deno.readTextFile(`${dir}/supervisor.lock`), content);
    }));
}

Deno.test("a stale lock file, of a program that is gone, holds nobody up", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(
      `${dir}/supervisor.lock`,
      JSON.stringify({ ...HOLDER, pid: Deno.pid }),
    );
    const taker = await startTaker(dir);
    await taker.kill();
    killLeftover(taker);
    assertEquals(taker.said["taken"], taker.pid);
  }));

Deno.test("the record of a holder before, though longer, leaves nothing behind", () =>
  withTempDir(async (dir) => {
    const path = `${dir}/supervisor.lock`;
    await Deno.writeTextFile(path, JSON.stringify({ ...HOLDER, control: "/x".repeat(1_000) }));
    const taker = await startTaker(dir);
    try {
      const { control } = JSON.parse(await Deno.readTextFile(path));
      assertEquals(control, `${dir}/control.sock`);
    } finally {
      await taker.kill();
      killLeftover(taker);
    }
  }));

Deno.test("takeLock() does not follow a link, and does not cut what it names", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/precious`, "precious");
    await Deno.symlink(`${dir}/precious`, `${dir}/supervisor.lock`);
    const error = await assertRejects(() => takeLock(dir, HOLDER), StorageError);
    assertStringIncludes(error.message, `${dir}/supervisor.lock`);
    assertStringIncludes(error.message, "symlink");
    assertEquals(await Deno.readTextFile(`${dir}/precious`), "precious");
  }));

Deno.test("takeLock() says when its file can't be opened", () =>
  withTempDir(async (dir) => {
    await assertRejects(() => takeLock(`${dir}/none`, HOLDER), StorageError);
    await Deno.mkdir(`${dir}/supervisor.lock`);
    const error = await assertRejects(() => takeLock(dir, HOLDER), StorageError);
    assertStringIncludes(error.message, "directory");
  }));
