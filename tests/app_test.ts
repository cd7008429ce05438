import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { eventually, processesWith, programCommand, within } from "./support/program.ts";

/** An engine that prints more than any pipe holds, and says so in a file. */
const TALKER = `#!/bin/sh
for i in 1 2 3 4 5 6 7 8; do head -c 65536 /dev/zero | tr '\\0' x; echo; done
for i in $(seq 8000); do echo "line $i of what nobody reads, and it goes on and on and on"; done
: > "$XDG_RUNTIME_DIR/printed"
exec sleep 600
`;

Deno.test("serve closes in time when nobody reads its stderr any more", async () => {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  const engine = join(dir, "talker");
  await Deno.writeTextFile(engine, TALKER, { mode: 0o755 });
  const [program, ...args] = programCommand();
  const child = new Deno.Command(program, {
    args: [...args, "serve", "--listen", "127.0.0.1:0", "--engine", engine],
    env: { XDG_RUNTIME_DIR: dir },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const url = await readUrl(child.stdout);
    const answer = await fetch(`${url}/api/engines/talker/start?wait=false`, { method: "POST" });
    await answer.body?.cancel();
    await eventually("the engine has printed all", () => exists(join(dir, "printed")));
    child.kill("SIGTERM");
    const { code } = await within(child.status, () => "it did not end");
    assertEquals(code, 0);
    assertEquals(await processesWith(`XDG_RUNTIME_DIR=${dir}`), []);
  } finally {
    await child.stderr.cancel();
    for (const pid of await processesWith(`XDG_RUNTIME_DIR=${dir}`)) Deno.kill(pid, "SIGKILL");
    await child.status;
    await Deno.remove(dir, { recursive: true });
  }
});

/** Reads the banner to its end, and where it says the program listens. */
async function readUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("ai-engine shutdown")) break;
  }
  return /open +(\S+)/.exec(text)?.[1] ?? "";
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
