/**
 * The file that `--token-file` names: a line for each token.
 *
 * @module
 */
import {
  isToken,
  MAX_TOKEN_LENGTH,
  MIN_TOKEN_LENGTH,
  ROLES,
  type TokenEntry,
  Tokens,
} from "../access/mod.ts";
import { ConfigError } from "../core/mod.ts";
import { hmacSha256, readPrivateFile } from "../platform/mod.ts";

const MAX_FILE_BYTES = 65_536;
const MAX_TOKENS = 64;

const SETTING = "--token-file (AI_ENGINE_TOKEN_FILE)";
const MAKE_ONE = "Make a token with `openssl rand -hex 32`.";
const FORM = "Write `admin TOKEN` or `inference TOKEN`, comments on lines of their own after #.";

/** Reads the file at `path`. Throws `ConfigError`, which never shows what a line holds. */
export async function openTokens(path: string): Promise<Tokens> {
  const text = await readPrivateFile(path, { setting: SETTING, maxBytes: MAX_FILE_BYTES });
  return await Tokens.of(parseTokenFile(text, path), hmacSha256);
}

/** Reads lines of `admin TOKEN` and `inference TOKEN`, empty lines and comments (`#`) between them. */
export function parseTokenFile(text: string, path: string): readonly TokenEntry[] {
  const entries: TokenEntry[] = [];
  const lines = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const number = index + 1;
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const fault = (why: string, remedy: string) =>
      faulty(`${path}, line ${number}: ${why}.`, remedy);
    const entry = readLine(words, fault);
    const first = lines.get(entry.token);
    if (first !== undefined) {
      throw fault(`this token stands in line ${first} already`, "Give each line its own token.");
    }
    if (entries.length === MAX_TOKENS) {
      throw fault(`more than ${MAX_TOKENS} tokens`, "Take tokens out that nobody uses any more.");
    }
    lines.set(entry.token, number);
    entries.push(entry);
  }
  if (entries.length > 0) return entries;
  throw faulty(`${path} holds no token.`, `Write a line \`admin TOKEN\` into it. ${MAKE_ONE}`);
}

type Fault = (why: string, remedy: string) => ConfigError;

function readLine(words: readonly string[], fault: Fault): TokenEntry {
  const [first, token = "", ...more] = words;
  const role = ROLES.find((one) => one === first);
  if (role === undefined) throw fault("it begins with neither admin nor inference", FORM);
  if (token === "") throw fault(`no token follows ${role}`, `${FORM} ${MAKE_ONE}`);
  if (more.length > 0) throw fault("something follows the token", FORM);
  if (!isToken(token)) {
    const why = "the token has characters that an Authorization header can't carry";
    throw fault(why, `Use letters, digits and -._~+/ only. ${MAKE_ONE}`);
  }
  if (token.length < MIN_TOKEN_LENGTH) {
    throw fault(`the token has less than ${MIN_TOKEN_LENGTH} characters`, MAKE_ONE);
  }
  if (token.length > MAX_TOKEN_LENGTH) {
    throw fault(`the token has more than ${MAX_TOKEN_LENGTH} characters`, MAKE_ONE);
  }
  return { role, token };
}

function faulty(detail: string, remedy: string): ConfigError {
  return new ConfigError("config_invalid", { detail, remedy });
}
