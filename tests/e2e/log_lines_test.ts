/** The newest lines of engines as the program gives them: found again, and followed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, SCRIPTED_PATH, tempDir, withProgram } from "./support/harness.ts";

/** An engine that prints what `script` (of sh) prints, then serves. */
async function printing(dir: string, script: string): Promise<string> {
  const path = join(dir, "printing");
  const text = `#!/bin/sh\n${script}\nexec python3 ${SCRIPTED_PATH}\n`;
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  return path;
}

interface Line {
  readonly engine: string | null;
  readonly n: number;
  readonly stream: string;
  readonly text: string;
}

async function linesOf(program: RunningProgram, query: string): Promise<readonly Line[]> {
  const { body } = await program.json(`/api/logs?${query}`);
  return (body as { lines: readonly Line[] }).lines;
}

Deno.test("lines of both streams and ours are found again over a restart, numbered without a hole", async () => {
  await using dir = await tempDir();
  const script = "echo ERROR: on stdout; printf 'on \\033[31mstderr\\033[m\\n' >&2";
  const engine = await printing(dir.path, script);
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    for (let i = 0; i < 2; i++) {
      await act(program, "start", "printing");
      await act(program, "stop", "printing");
    }
    const all = await linesOf(program, "engine=printing");
    assertEquals(all.map(({ n }) => n), all.map((_, i) => i + 1));
    const texts = (query: string) =>
      linesOf(program, query).then((lines) => lines.map(({ text }) => text));
    assertEquals(await texts("engine=printing&stream=stderr&grep=on"), ["on stderr", "on stderr"]);
    const said = await texts("engine=printing&level=error");
    assertEquals(said, ["ERROR: on stdout", "ERROR: on stdout"]);
    const own = await texts("engine=printing&stream=program&grep=/: (ready|stopped) /");
    assertEquals(own.map((text) => text.split(" ")[1]), ["ready", "stopped", "ready", "stopped"]);
  });
});

Deno.test("the story of a request has what was said of the engine that it started", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "echo one");
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    const headers = { "x-request-id": "order-66" };
    const url = `${program.url}/upstream/printing/status`;
    const response = await fetch(url, { headers });
    await response.body?.cancel();
    await eventually("the story", async () => {
      const lines = await linesOf(program, "request=order-66");
      return lines.some(({ text }) => /printing: ready/.test(text));
    });
  });
});

Deno.test("who follows gets lines as they come, and leaves nothing behind", async () => {
  await using dir = await tempDir();
  const engine = await printing(dir.path, "echo hello");
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    const leaving = new AbortController();
    const url = `${program.url}/logs.txt?follow=1&engine=printing`;
    // Its head is there before there is any line.
    const response = await fetch(url, { signal: leaving.signal });
    assertMatch(response.headers.get("content-type") ?? "", /^text\/plain/);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert(reader !== undefined);
    await act(program, "start", "printing");
    let text = "";
    while (!text.includes("hello")) text += (await reader.read()).value ?? "";
    assertMatch(text, /^\S+Z \[printing\] hello$/m);
    leaving.abort();
    await reader.read().catch(() => {});
    await eventually("its place is free", async () => {
      const { body } = await program.json("/api/limits");
      const { limits } = body as { limits: readonly { name: string; used: number }[] };
      return limits.find(({ name }) => name === "event_streams")?.used === 0;
    });
    // Who still follows at the end hears it out.
    const last = await fetch(url);
    program.signal("SIGTERM");
    assertMatch(await last.text(), /printing: stopped/);
  });
});

Deno.test("a name that a client has made up gets no log of its own", async () => {
  await withProgram({ args: ["--log-level", "debug"] }, async (program) => {
    const response = await program.fetch("/upstream/made-up/x");
    assertEquals(response.status, 404);
    await response.body?.cancel();
    await eventually("the refusal", async () => {
      const lines = await linesOf(program, "grep=made-up");
      return lines.length > 0 && lines.every(({ engine }) => engine === null);
    });
  });
});
