/**
 * Tests of a running program: each has one of its own, and none leaves anything behind.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import {
  type Finished,
  type JsonAnswer,
  type ProgramOptions,
  RunningProgram,
  runProgram,
} from "../../support/program.ts";

/** The program of the engine `scripted`. */
export const SCRIPTED_PATH = fromFileUrl(
  new URL("../../support/engines/scripted.py", import.meta.url),
);

export const isRoot = Deno.uid() === 0;

/** The program is the compiled one. */
export const isCompiled = Deno.env.get("AI_ENGINE_E2E_EXECUTABLE") !== undefined;

/**
 * The folder of the Python engine, its environment in it; `null` when that is not set up, which
 * under `CI=true` has to fail the tests that need it.
 */
export const pythonDir = findPythonDir();
export const isCi = Deno.env.get("CI") === "true";

/**
 * The program is the compiled one and has an engine in it, as one beside it tells: under `CI=true` it
 * has to, where there was a runtime to put it behind.
 */
export const isPacked = isCompiled && (isCi && Deno.env.has("DENORT_BIN") || hasEngineBeside());

/** The limits of our own engines, for others: a test is not to wait for minutes. */
export const SOON = { AI_ENGINE_START_TIMEOUT: "10s", AI_ENGINE_GRACE: "500ms" } as const;

export const BUILTIN: ProgramOptions = { args: ["--engine", "builtin"] };

/** The engine `scripted`, told what to do; see tests/support/engines/scripted.py. */
export function scripted(script = "", ...args: readonly string[]): ProgramOptions {
  return { args: ["--engine", SCRIPTED_PATH, ...args], env: { ...SOON, E2E_SCRIPT: script } };
}

export interface ProgramTestOptions extends ProgramOptions {
  readonly ignore?: boolean;
}

/**
 * A test of one program. After `body` the program, if it still runs, is closed by SIGTERM and has to
 * exit with 0; either way no process and no file but the lock may be left.
 */
export function programTest(
  name: string,
  { ignore = false, ...options }: ProgramTestOptions,
  body: (program: RunningProgram, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({ name, ignore, fn: (t) => withProgram(options, (program) => body(program, t)) });
}

/** What is inside of a {@linkcode programTest}. */
export async function withProgram(
  options: ProgramOptions,
  body: (program: RunningProgram) => Promise<void>,
): Promise<void> {
  await using program = await RunningProgram.start(options);
  await body(program);
  if (!program.hasEnded) {
    program.signal("SIGTERM");
    assertEquals((await program.ended()).code, 0, program.stderr);
  }
  await assertNothingLeft(program);
}

/** Of a program that has ended. */
export async function assertNothingLeft(program: RunningProgram): Promise<void> {
  assertEquals(await program.processes(), [], `processes are left; ${program.stderr}`);
  assertEquals(await runtimeFiles(program), ["supervisor.lock"]);
}

/** That an answer is a problem document of the supervisor with `code`; gives the document. */
export function assertProblem(
  { status, headers, body }: JsonAnswer,
  expected: { readonly status: number; readonly code: string },
): JsonAnswer["body"] {
  const where = JSON.stringify(body);
  assertEquals({ status, code: body?.code }, expected, where);
  assertEquals(headers.get("content-type"), "application/problem+json");
  assertEquals(headers.get("ai-engine-error-source"), "supervisor");
  assertEquals({ status: body.status, source: body.source }, { status, source: "supervisor" });
  for (const field of ["type", "title", "detail", "remedy", "requestId"]) {
    assertEquals(typeof body[field], "string", `${field} in ${where}`);
    assertEquals(body[field] === "", false, `${field} in ${where}`);
  }
  return body;
}

/** `POST /api/engines/NAME/ACTION`. */
export function act(program: RunningProgram, action: string, name = "scripted") {
  return program.json(`/api/engines/${name}/${action}`, { method: "POST" });
}

/** `POST /api/engines/NAME/input`. */
export function sendInput(program: RunningProgram, input: string, name = "scripted") {
  return program.json(`/api/engines/${name}/input`, { body: { input } });
}

export async function viewOf(program: RunningProgram, name = "scripted") {
  return (await program.json(`/api/engines/${name}`)).body;
}

/** Names of what is in the runtime directory, sorted. */
export async function runtimeFiles(program: RunningProgram): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(join(program.runtimeDir, "ai-engine"))) {
    files.push(name);
  }
  return files.sort();
}

/** Of a program that runs: no process of an engine, no socket but its own. */
export async function assertNoEngine(program: RunningProgram): Promise<void> {
  assertEquals(await program.engineProcesses(), [], `engines are left; ${program.stderr}`);
  assertEquals(await runtimeFiles(program), ["control.sock", "supervisor.lock"]);
}

/** Runs `serve` to its end, in a runtime directory of its own. */
export async function failToServe(...args: readonly string[]): Promise<Finished> {
  await using dir = await tempDir();
  return await runProgram(["serve", "--listen", "127.0.0.1:0", ...args], { runtimeDir: dir.path });
}

/** Makes `name` in the place where the scripted engine waits for it. */
export async function openGate(program: RunningProgram, name: string): Promise<void> {
  await Deno.writeTextFile(join(program.runtimeDir, name), "");
}

function findPythonDir(): string | null {
  const given = Deno.env.get("AI_ENGINE_TEST_PYTHON_DIR");
  if (given !== undefined) return given;
  const dir = fromFileUrl(new URL("../../../engine/python", import.meta.url));
  return works(join(dir, ".venv", "bin", "python"), "--version") ? dir : null;
}

/** Whether a command exists and succeeds; for what a test needs of the machine. */
export function works(command: string, ...args: readonly string[]): boolean {
  try {
    const run = new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" });
    return run.outputSync().success;
  } catch {
    return false;
  }
}

/** A directory of its own; `await using` removes it. */
export async function tempDir(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "aie-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function hasEngineBeside(): boolean {
  try {
    const executable = Deno.env.get("AI_ENGINE_E2E_EXECUTABLE") ?? "";
    return Deno.statSync(join(dirname(executable), "engine")).isDirectory;
  } catch {
    return false;
  }
}
