/** Files that hold secrets. */
import { ConfigError } from "../core/mod.ts";
import { readStart } from "./terminal.ts";

export interface PrivateFileOptions {
  /** What names the file, e.g. `--token-file`. */
  readonly setting: string;
  readonly maxBytes: number;
}

/**
 * Reads a file that only its owner can read: a regular file of ours or root's, mode 0600 or stricter. A
 * link to it has to be ours or root's as well. Throws `ConfigError`.
 */
export async function readPrivateFile(path: string, options: PrivateFileOptions): Promise<string> {
  const { setting, maxBytes } = options;
  const refuse = (why: string, remedy = `Let ${setting} name a file of yours.`) =>
    new ConfigError("config_invalid", { detail: `${setting} is ${path}, which ${why}.`, remedy });
  const link = await look(() => Deno.lstat(path), refuse);
  if (link.isSymlink && !isOurs(link)) throw refuse("is a link of another user's");
  // Before it is opened: to open a pipe that nobody writes to would wait for ever.
  if (!(await look(() => Deno.stat(path), refuse)).isFile) throw refuse("is not a regular file");
  using file = await look(() => Deno.open(path), refuse);
  // What was opened counts, whatever stood there before.
  const info = await file.stat();
  if (!info.isFile) throw refuse("is not a regular file");
  if (!isOurs(info)) throw refuse("belongs to another user");
  const mode = (info.mode ?? 0) & 0o7777;
  if ((mode & ~0o600) !== 0) {
    const octal = mode.toString(8).padStart(4, "0");
    throw refuse(`has mode ${octal}, and 0600 or stricter is asked for`, `chmod 600 ${path}`);
  }
  const bytes = await readStart(file, maxBytes + 1);
  if (bytes.length > maxBytes) throw refuse(`is larger than ${maxBytes} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("is not text in UTF-8");
  }
}

type Refuse = (why: string) => ConfigError;

async function look<T>(action: () => Promise<T>, refuse: Refuse): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse("is not there");
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(`can't be read: ${reason.replace(/, \w+ '.*$/s, "")}`);
  }
}

function isOurs({ uid }: Deno.FileInfo): boolean {
  return uid === Deno.uid() || uid === 0;
}
