import { ConfigError } from "../core/mod.ts";
import { readFileStart } from "./terminal.ts";

export interface RegularFileOptions {
  /** What it is, at the beginning of a sentence, e.g. `The configuration file`. */
  readonly what: string;
  readonly maxBytes: number;
}

/**
 * Reads a regular file, but no more than its first `maxBytes`; `null` when there is nothing at `path`.
 * Throws `ConfigError` about anything else, so that nobody waits for what a pipe never brings.
 */
export async function readRegularFile(
  path: string,
  { what, maxBytes }: RegularFileOptions,
): Promise<Uint8Array | null> {
  const refuse = (why: string) =>
    new ConfigError("config_invalid", {
      detail: `${what} ${path} ${why}.`,
      remedy: "Name a file that this user can read.",
    });
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw refuse("is a folder");
    if (!isFile) throw refuse("is not a regular file");
    return await readFileStart(path, maxBytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    if (error instanceof ConfigError) throw error;
    if (error instanceof Deno.errors.PermissionDenied) throw refuse("can't be read by this user");
    throw refuse(`can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
