/** A program that asks for tokens. */
import { join } from "@std/path";
import { BUILTIN, tempDir, withProgram } from "./harness.ts";
import type { ProgramOptions, RunningProgram } from "../../support/program.ts";

/** Tokens of the program, made anew for each run of the tests. */
export const ADMIN = newToken();
export const INFERENCE = newToken();

const FILE = `# who may ask\nadmin ${ADMIN}\n\ninference ${INFERENCE}\n`;

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** Writes a token file (0600) into `dir`; gives its path. */
export async function writeTokens(dir: string, text = FILE): Promise<string> {
  const path = join(dir, "tokens");
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  await Deno.chmod(path, 0o600);
  return path;
}

/** A test of a program with tokens, which is closed and has left nothing at the end. */
export function tokenTest(
  name: string,
  body: (program: RunningProgram, t: Deno.TestContext) => Promise<void>,
  { args = BUILTIN.args ?? [], ...options }: ProgramOptions = {},
): void {
  Deno.test(name, async (t) => {
    await using dir = await tempDir();
    const path = await writeTokens(dir.path);
    await withProgram(
      { ...options, args: [...args, "--token-file", path] },
      (program) => body(program, t),
    );
  });
}

/** `Authorization` with a token. */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Signs in with a form, as a browser does; gives status, place and the cookie to send. */
export async function signIn(program: RunningProgram, token: string) {
  const response = await program.fetch("/login", {
    method: "POST",
    redirect: "manual",
    headers: { origin: program.url, "sec-fetch-site": "same-origin", accept: "text/html" },
    body: new URLSearchParams({ token }),
  });
  const text = await response.text();
  const set = response.headers.get("set-cookie");
  return {
    status: response.status,
    location: response.headers.get("location"),
    set,
    cookie: set?.split(";")[0] ?? "",
    text,
  };
}
