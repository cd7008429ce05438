/**
 * What `send` sends: a text, a file, or standard input.
 *
 * @module
 */
import { quote } from "../config/mod.ts";
import { RequestError, UsageError } from "../core/mod.ts";
import type { CliDeps } from "./cli_deps.ts";

/** Largest body of an input request (contract section 2). */
const MAX_BODY_BYTES = 1_048_576;

/**
 * `TEXT`, `@FILE`, or `-` for standard input, which is also meant without any where it is no terminal.
 * Checked before anything is sent.
 */
export async function readInput(deps: CliDeps, arg: string | undefined): Promise<string> {
  if (arg === undefined && deps.stdinIsTerminal) {
    throw new UsageError({
      detail: "`send` needs a TEXT: there is none, and standard input is a terminal.",
      remedy: 'ai-engine send "hello"; with - it reads what you type, to Ctrl-D',
    });
  }
  return await readNamed(deps, arg ?? "-");
}

async function readNamed(deps: CliDeps, arg: string): Promise<string> {
  const input = arg === "-" || arg.startsWith("@") ? decode(await readBytes(deps, arg), arg) : arg;
  const bodyBytes = new TextEncoder().encode(JSON.stringify({ input })).length;
  if (bodyBytes > MAX_BODY_BYTES) throw tooLarge(arg);
  return input;
}

async function readBytes(deps: CliDeps, arg: string): Promise<Uint8Array> {
  try {
    return arg === "-"
      ? await deps.readStdin(MAX_BODY_BYTES + 1)
      : await deps.readFile(arg.slice(1), MAX_BODY_BYTES + 1);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RequestError("bad_input", {
      detail: `${nameInput(arg)} can't be read: ${why}.`,
      remedy: "Check the path; a text that begins with @ goes through standard input: " +
        "ai-engine send -",
      cause: error,
    });
  }
}

function decode(bytes: Uint8Array, arg: string): string {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge(arg);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new RequestError("bad_input", {
      detail: `${nameInput(arg)} is not text in UTF-8.`,
      remedy: "Convert it first, for example with iconv -t UTF-8.",
      cause: error,
    });
  }
}

function tooLarge(arg: string): RequestError {
  return new RequestError("too_large", {
    detail: `${nameInput(arg)} makes a request of more than 1 MiB, which no engine takes.`,
    remedy: "Send it in parts.",
  });
}

function nameInput(arg: string): string {
  if (arg === "-") return "Standard input";
  return arg.startsWith("@") ? `The file ${quote(arg.slice(1))}` : "The text";
}
