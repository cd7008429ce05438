/** Commands of llama-swap listen on a port; ours listen on a Unix socket. */
import { SOCKET } from "../substitute.ts";

const MACRO = /\$\{([A-Za-z0-9_-]+)\}/g;
const MOST_LEVELS = 20;

/** Texts by name. */
export type Macros = Readonly<Record<string, string>>;

/** Fills macros in, those of macros too; others stay. */
export function expand(text: string, macros: Macros): string {
  let from = text;
  for (let level = 0; level < MOST_LEVELS; level++) {
    const filled = from.replaceAll(
      MACRO,
      (whole, name) => Object.hasOwn(macros, name) ? macros[name]?.trim() ?? whole : whole,
    );
    if (filled === from || filled.length > 65_536) break;
    from = filled;
  }
  return from;
}

/** A command without the lines that are comments: what stands in those is not meant. */
export function withoutComments(command: string): string {
  return command.split("\n").filter((line) => !line.trimStart().startsWith("#")).join("\n");
}

/** How the programs we know are told to listen on a Unix socket. */
const SOCKET_FLAGS = [
  { program: /(^|[\s/])(llama-server|llama_server|server-cuda)\S*/, flag: "--host" },
  { program: /(^|[\s/])vllm\s/, flag: "--uds" },
] as const;

/** The flag of the program that `command` runs; `undefined` = not known. Macros are filled in. */
export function socketFlagOf(command: string): string | undefined {
  // What a container runs is not what listens here.
  if (/(^|[\s/])(docker|podman)\s/.test(command)) return undefined;
  return SOCKET_FLAGS.find(({ program }) => program.test(command))?.flag;
}

const PORT_FLAG = /--port(?:\s+|=)\S+/;
const HOST_FLAG = /[ \t]*--host(?:\s+|=)(?!\$\{SOCKET\})\S+/g;

/** The same text with the socket in the place of host and port. */
export function onSocket(text: string, flag: string): string {
  return text.replace(HOST_FLAG, "").replace(PORT_FLAG, `${flag} ${SOCKET}`);
}
