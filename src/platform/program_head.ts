/**
 * Whether Linux can run a file, told from its first bytes before it is tried. Trying does not tell:
 * the C library hands what the kernel refuses to /bin/sh, which reads a program for another
 * architecture as a shell script (execvp(3)).
 *
 * @module
 */

export type ProgramFlaw = "directory" | "another_architecture" | "no_interpreter";

/** ELF's `e_machine` of what runs on each architecture: its own programs and its 32-bit ones. */
const MACHINES: Readonly<Record<string, readonly number[]>> = {
  x86_64: [62, 3],
  aarch64: [183, 40],
};

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const SCRIPT = [0x23, 0x21];

/** As far as handlers of binfmt_misc can look into a file. */
const HEAD_BYTES = 256;

/** What keeps the program at `path` from running; `null` when nothing is found. */
export function findFlaw(path: string): ProgramFlaw | null {
  if (Deno.build.os !== "linux") return null;
  try {
    const stat = Deno.statSync(path);
    if (stat.isDirectory) return "directory";
    // What is not executable fails by itself; opening a pipe would wait for its other end.
    if (!stat.isFile || ((stat.mode ?? 0) & 0o111) === 0) return null;
    const head = readHead(path);
    const flaw = judgeHead(head, Deno.build.arch);
    return flaw !== null && hasHandler(path, head) ? null : flaw;
  } catch {
    // Not there, or not readable: the spawn says what is wrong, or works.
    return null;
  }
}

/** What the kernel itself makes of a file that begins with `head`. */
export function judgeHead(head: Uint8Array, arch: string): ProgramFlaw | null {
  if (startsWith(head, SCRIPT)) return null;
  if (!startsWith(head, ELF) || head.length < 20) return "no_interpreter";
  const [low = 0, high = 0] = head.subarray(18, 20);
  const isLittleEndian = head[5] === 1;
  const machine = isLittleEndian ? low | high << 8 : high | low << 8;
  return MACHINES[arch]?.includes(machine) === false ? "another_architecture" : null;
}

/** Whether `handler`, a file of binfmt_misc, takes a file that begins with `head`. */
export function isHandledBy(handler: string, path: string, head: Uint8Array): boolean {
  if (!handler.startsWith("enabled\n")) return false;
  const extension = /^extension (\.\S+)$/m.exec(handler)?.[1];
  if (extension !== undefined) return path.endsWith(extension);
  const magic = fromHex(/^magic ([0-9a-f]+)$/m.exec(handler)?.[1] ?? "");
  if (magic.length === 0) return false;
  const mask = fromHex(/^mask ([0-9a-f]+)$/m.exec(handler)?.[1] ?? "");
  const offset = Number(/^offset (\d+)$/m.exec(handler)?.[1] ?? 0);
  return magic.every((byte, i) => (((head[offset + i] ?? 0) ^ byte) & (mask[i] ?? 0xff)) === 0);
}

/** Whether the kernel was told of a program that runs such files, an emulator mostly. */
function hasHandler(path: string, head: Uint8Array): boolean {
  const dir = "/proc/sys/fs/binfmt_misc";
  try {
    for (const { name } of Deno.readDirSync(dir)) {
      if (name === "register" || name === "status") continue;
      if (isHandledBy(Deno.readTextFileSync(`${dir}/${name}`), path, head)) return true;
    }
  } catch {
    // Not there, or not for us to read: then none is known.
  }
  return false;
}

function readHead(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const head = new Uint8Array(HEAD_BYTES);
  return head.subarray(0, file.readSync(head) ?? 0);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}
