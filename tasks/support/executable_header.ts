/** Reads for which machine an executable is made: ELF, Mach-O and PE. */

export type ExecutableOs = "linux" | "darwin" | "windows";
export type ExecutableArch = "x86_64" | "aarch64";

export interface ExecutableHeader {
  readonly os: ExecutableOs;
  readonly arch: ExecutableArch;
}

/** `e_machine` of ELF. */
const ELF_MACHINES: Readonly<Record<number, ExecutableArch>> = { 0x3e: "x86_64", 0xb7: "aarch64" };

/** `cputype` of Mach-O. */
const MACHO_CPUS: Readonly<Record<number, ExecutableArch>> = {
  0x01000007: "x86_64",
  0x0100000c: "aarch64",
};

/** `Machine` of the COFF header in PE. */
const PE_MACHINES: Readonly<Record<number, ExecutableArch>> = {
  0x8664: "x86_64",
  0xaa64: "aarch64",
};

/** How much of a file {@linkcode readExecutableHeader} needs at most. */
export const HEADER_BYTES = 4_096;

/**
 * Says system and architecture from the first {@linkcode HEADER_BYTES} of a file; `null` for anything
 * that is not a 64-bit little-endian executable for one of ours.
 */
export function readExecutableHeader(bytes: Uint8Array): ExecutableHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number) => at + 2 <= view.byteLength ? view.getUint16(at, true) : -1;
  const u32 = (at: number) => at + 4 <= view.byteLength ? view.getUint32(at, true) : -1;
  const header = (os: ExecutableOs, arch: ExecutableArch | undefined) =>
    arch === undefined ? null : { os, arch };
  if (u32(0) === 0x464c457f) { // \x7fELF, then 64 bit, little endian
    return u16(4) === 0x0102 ? header("linux", ELF_MACHINES[u16(18)]) : null;
  }
  if (u32(0) === 0xfeedfacf) return header("darwin", MACHO_CPUS[u32(4)]);
  if (u16(0) === 0x5a4d) { // MZ; where the PE header is stands at 0x3c
    const at = u32(0x3c);
    return u32(at) === 0x00004550 ? header("windows", PE_MACHINES[u16(at + 4)]) : null;
  }
  return null;
}
