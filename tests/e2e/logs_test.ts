/** What engines print: it never stops them, and is stored or counted whatever the disk does. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, type ProgramOptions, type RunningProgram } from "../support/program.ts";
import {
  act,
  assertProblem,
  isRoot,
  programTest,
  SCRIPTED_PATH,
  tempDir,
  withProgram,
} from "./support/harness.ts";

/** An engine that prints what `script` (of sh) prints, then serves. */
async function printing(dir: string, script: string): Promise<string> {
  const path = join(dir, "printing");
  const text = `#!/bin/sh\n${script}\nexec python3 ${SCRIPTED_PATH}\n`;
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  return path;
}

const logDir = (program: RunningProgram) => join(program.runtimeDir, "state", "ai-engine", "logs");

/** Of all files of the engine `printing`, the oldest first. */
async function logged(dir: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort().reverse();
  return (await Promise.all(names.map((name) => Deno.readTextFile(join(dir, name))))).join("");
}

/** Sends an input to the engine `printing`. */
function say(program: RunningProgram, input: string) {
  return program.json("/api/engines/printing/input", { body: { input } });
}

Deno.test("what an engine prints is in a file that only its user can read", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "echo on stdout; echo on stderr >&2; printf '\\377\\n'");
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    assertEquals((await act(program, "start", "printing")).status, 200);
    const path = join(logDir(program), "printing.log");
    await eventually("the lines", async () => /\ufffd\n/.test(await readIfThere(path)));
    const text = await Deno.readTextFile(path);
    assertMatch(text, /^\d{4}-\d\d-\d\dT[\d:.]+Z on stdout$/m);
    assertMatch(text, /^\S+Z on stderr$/m);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(logDir(program))).mode! & 0o777, 0o700);
  });
});

Deno.test("a flood of lines is drained: each line is in the file or counted, the last one is there", async () => {
  await using dir = await tempDir();
  const lines = 4_000_000;
  const flood = `yes 'a line of some thirty characters' | head -n ${lines}; echo the last line`;
  const engine = await printing(dir.path, flood);
  await withProgram(slow(engine), async (program) => {
    assertEquals((await act(program, "start", "printing")).status, 200);
    await program.json("/api/engines/printing/stop", { method: "POST" });
    assertEquals((await say(program, "starts it again")).status, 200);
    program.signal("SIGTERM");
    assertEquals((await program.ended()).code, 0);
    const text = await logged(logDir(program));
    const kept = text.match(/ a line of some thirty characters$/gm)?.length ?? 0;
    const skipped = Array.from(text.matchAll(/… (\d+) lines were skipped/g), ([, n]) => Number(n));
    const printed = 2 * lines; // it was started twice
    assertEquals(kept + skipped.reduce((sum, n) => sum + n, 0), printed);
    assert(kept > 0 && kept < printed);
    assertEquals(text.match(/Z the last line$/gm)?.length, 2);
  });
});

Deno.test("of an engine that floods and then dies the error has the last words", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "yes | head -n 2000000; echo out of memory; exit 3");
  await withProgram(slow(engine), async (program) => {
    const started = await act(program, "start", "printing");
    const { lastLines } = assertProblem(started, { status: 502, code: "crashed" });
    assert(lastLines.includes("out of memory"), lastLines.join("\n"));
  });
});

Deno.test("an engine that never stops flooding answers, and is stopped", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "yes &");
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    for (let i = 0; i < 20; i++) {
      assertEquals((await say(program, "hello")).body.message, "You said: hello");
    }
    assertEquals((await act(program, "stop", "printing")).body.state, "stopped");
  });
});

Deno.test("a flood without a newline and with any bytes is one line, cut and marked", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "head -c 200000000 /dev/zero; echo; echo after");
  await withProgram(slow(engine), async (program) => {
    assertEquals((await act(program, "start", "printing")).status, 200);
    const path = join(logDir(program), "printing.log");
    await eventually("the line after", async () => / after\n/.test(await readIfThere(path)));
    assertMatch(await Deno.readTextFile(path), /Z … \(199995904 bytes more\)\n\S+Z after\n/);
  });
});

Deno.test("a log file that is removed is made anew", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "echo begun");
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    const path = join(logDir(program), "printing.log");
    for (const command of ["start", "restart"] as const) {
      assertEquals((await act(program, command, "printing")).status, 200);
      await eventually("the line", async () => / begun\n/.test(await readIfThere(path)));
      await Deno.remove(logDir(program), { recursive: true });
    }
  });
});

Deno.test("a log folder that can't be made: one notice, and the engine runs", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "echo begun");
  const state = join(dir.path, "state");
  await Deno.writeTextFile(state, "a file stands here");
  const env = { XDG_STATE_HOME: state };
  await withProgram({ args: ["--engine", engine], env }, async (program) => {
    for (let i = 0; i < 3; i++) {
      assertEquals((await act(program, "restart", "printing")).status, 200);
    }
    await program.printed(/Log file not written: \S+printing\.log: /);
    assertEquals((await say(program, "hello")).body.message, "You said: hello");
    assertEquals(program.stderr.match(/Log file not written/g)?.length, 1);
  });
});

Deno.test({
  name: "a log folder that is read-only: one notice, the engine runs, later it is written again",
  ignore: isRoot && !await isThere("setpriv"),
  fn: () =>
    outOfOrder({
      // Root writes where it may not, unless this is taken from it.
      prefix: isRoot ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : [],
      spoil: (dir) => Deno.chmod(dir, 0o500),
      mend: (dir) => Deno.chmod(dir, 0o700),
    }),
});

const TMPFS = isRoot && await canMount();

Deno.test({
  name: "a disk that is full: one notice, the engine runs, later it is written again",
  ignore: !TMPFS,
  fn: () =>
    outOfOrder({
      prepare: (dir) => mount(["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", dir]),
      spoil: async (dir) => {
        await Deno.writeFile(join(dir, "filler"), new Uint8Array(1_000_000)).catch(() => {});
      },
      mend: (dir) => Deno.remove(join(dir, "filler")),
      clean: async (dir) => void await new Deno.Command("umount", { args: [dir] }).output(),
    }),
});

interface Fault {
  /** What starts the program. */
  readonly prefix?: readonly string[];
  readonly prepare?: (dir: string) => Promise<void>;
  readonly spoil: (dir: string) => Promise<void>;
  readonly mend: (dir: string) => Promise<void>;
  readonly clean?: (dir: string) => Promise<void>;
}

/** The folder of logs is spoilt, the engine goes on, then it is mended. */
async function outOfOrder({ prefix = [], prepare, spoil, mend, clean }: Fault): Promise<void> {
  await using dir = await tempDir();
  const logs = join(dir.path, "ai-engine", "logs");
  await Deno.mkdir(logs, { recursive: true, mode: 0o700 });
  await prepare?.(logs);
  try {
    const engine = await printing(dir.path, "echo begun");
    const env = { XDG_STATE_HOME: dir.path };
    await withProgram({ args: ["--engine", engine], env, prefix }, async (program) => {
      await spoil(logs);
      assertEquals((await act(program, "start", "printing")).status, 200);
      await program.printed(/Log file not written: \S+printing\.log: /);
      assertEquals((await say(program, "hello")).body.message, "You said: hello");
      await mend(logs);
      await eventually("the file is written again", async () => {
        assertEquals((await act(program, "restart", "printing")).status, 200);
        return / begun\n/.test(await readIfThere(join(logs, "printing.log")));
      });
      const text = await Deno.readTextFile(join(logs, "printing.log"));
      assertMatch(text, /… \d+ lines are missing here: they could not be written\n/);
      assertEquals(program.stderr.match(/Log file not written/g)?.length, 1);
    });
  } finally {
    await clean?.(logs);
  }
}

programTest("--log-file - makes everything on stderr JSON lines", {
  args: ["--engine", SCRIPTED_PATH, "--log-file", "-"],
}, async (program) => {
  await act(program, "start", "scripted");
  await program.printed(/"event\.action":"state".*"to":"ready"/);
  const records = program.stderr.trim().split("\n").map((line) => JSON.parse(line));
  const ready = records.find(({ labels }) => labels?.to === "ready");
  assertEquals(ready["service.name"], "ai-engine");
  assertEquals(ready["process.pid"], program.pid);
  assertEquals(ready["log.level"], "info");
  assertEquals(ready.labels.engine, "scripted");
});

Deno.test("--log-file PATH has the program's records as JSON lines, stderr the text; --log-level holds for both", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "own", "log.json");
  const args = ["--engine", "builtin", "--log-file", path, "--log-level", "warn"];
  await withProgram({ args: args.slice(0, 4) }, async (program) => {
    await act(program, "start", "builtin");
    await program.printed(/\[ai-engine\] builtin: ready/);
  });
  const records = (await Deno.readTextFile(path)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(records.at(-1).message, "closed");
  await withProgram({ args }, async (program) => {
    await act(program, "start", "builtin");
    program.signal("SIGTERM");
    await program.ended();
    assertEquals(program.stderr.includes("builtin: ready"), false);
  });
  const after = (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line));
  const levels = after.slice(records.length).map((record) => record["log.level"]);
  assertEquals(levels.filter((level) => level !== "warn"), []);
  assertEquals(after.slice(0, records.length), records);
});

function slow(engine: string): ProgramOptions {
  return { args: ["--engine", engine, "--start-timeout", "60s"] };
}

async function isThere(program: string): Promise<boolean> {
  return (await new Deno.Command("which", { args: [program] }).output()).success;
}

async function canMount(): Promise<boolean> {
  await using dir = await tempDir();
  try {
    await mount(["-t", "tmpfs", "tmpfs", dir.path]);
  } catch {
    return false;
  }
  return (await new Deno.Command("umount", { args: [dir.path] }).output()).success;
}

async function mount(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("mount", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}
