import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { eventually, processesWith, programCommand, within } from "./support/program.ts";

/** An engine that prints more than any pipe holds, and says so by a file. */
const TALKER = `#!/bin/sh
for i in 1 2 3 4 5 6 7 8; do head -c 65536 /dev/zero | tr '\\0' x; echo; done
for i in $(seq 8000); do echo "line $i of what nobody reads, and it goes on and on and on"; done
: > "$XDG_RUNTIME_DIR/printed"
exec sleep 600
`;

/** A program whose stderr nobody reads, in a directory of its own. */
async function withServe(
  prepare: (dir: string) => Promise<string>,
  body: (child: Deno.ChildProcess, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  const [program, ...args] = programCommand();
  const child = new Deno.Command(program, {
    args: [...args, "serve", "--listen", "127.0.0.1:0", "--engine", await prepare(dir)],
    env: { XDG_RUNTIME_DIR: dir, XDG_STATE_HOME: dir },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    await body(child, dir);
  } finally {
    for (const pid of await processesWith(`XDG_RUNTIME_DIR=${dir}`)) Deno.kill(pid, "SIGKILL");
    await child.status;
    await Promise.all([child.stdout, child.stderr].map((stream) => stream.cancel()));
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("serve closes in time when nobody reads its stderr any more", async () => {
  const prepare = async (dir: string) => {
    await Deno.writeTextFile(join(dir, "talker"), TALKER, { mode: 0o755 });
    return join(dir, "talker");
  };
  await withServe(prepare, async (child, dir) => {
    const url = await readUrl(child.stdout);
    const answer = await fetch(`${url}/api/engines/talker/start?wait=false`, { method: "POST" });
    await answer.body?.cancel();
    await eventually("the engine has printed all", () => exists(join(dir, "printed")));
    child.kill("SIGTERM");
    const { code } = await within(child.status, () => "it did not end");
    assertEquals(code, 0);
    assertEquals(await processesWith(`XDG_RUNTIME_DIR=${dir}`), []);
  });
});

Deno.test("serve closes tidily on a signal that comes as soon as it listens", async () => {
  for (let i = 0; i < 5; i++) {
    await withServe(() => Promise.resolve("builtin"), async (child, dir) => {
      await within(appears(join(dir, "ai-engine", "control.sock")), () => "it does not listen");
      child.kill("SIGTERM");
      const { code } = await within(child.status, () => "it did not end");
      const left = Array.from(Deno.readDirSync(join(dir, "ai-engine")), ({ name }) => name);
      assertEquals([code, left], [0, ["supervisor.lock"]]);
    });
  }
});

/** Looks without a pause, to be there first. */
async function appears(path: string): Promise<void> {
  while (!await exists(path)) await Promise.resolve();
}

/** Reads the banner to its end, and where it says the program listens. */
async function readUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("ai-engine shutdown")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return /open +(\S+)/.exec(text)?.[1] ?? "";
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
