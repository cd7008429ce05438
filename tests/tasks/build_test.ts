import { assertEquals, assertThrows } from "@std/assert";
import { readExecutableHeader } from "../../tasks/support/executable_header.ts";
import {
  compileArguments,
  executableName,
  headerOf,
  isTarget,
  TARGETS,
} from "../../tasks/support/targets.ts";

/** A file that begins with nothing but what is given: offset → bytes. */
function crafted(parts: Record<number, readonly number[]>, length = 512): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [at, part] of Object.entries(parts)) bytes.set(part, Number(at));
  return bytes;
}

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const MACHO = [0xcf, 0xfa, 0xed, 0xfe];
const MZ = [0x4d, 0x5a];
const PE = [0x50, 0x45, 0, 0];

const HEADERS: readonly [name: string, bytes: Uint8Array, os: string | null, arch?: string][] = [
  ["ELF for x86-64", crafted({ 0: [...ELF, 2, 1], 18: [0x3e, 0] }), "linux", "x86_64"],
  ["ELF for ARM", crafted({ 0: [...ELF, 2, 1], 18: [0xb7, 0] }), "linux", "aarch64"],
  ["ELF for RISC-V", crafted({ 0: [...ELF, 2, 1], 18: [0xf3, 0] }), null],
  ["ELF of 32 bit", crafted({ 0: [...ELF, 1, 1], 18: [0x3e, 0] }), null],
  ["ELF of big endian", crafted({ 0: [...ELF, 2, 2], 18: [0, 0x3e] }), null],
  ["Mach-O for x86-64", crafted({ 0: [...MACHO, 7, 0, 0, 1] }), "darwin", "x86_64"],
  ["Mach-O for ARM", crafted({ 0: [...MACHO, 12, 0, 0, 1] }), "darwin", "aarch64"],
  ["Mach-O for several", crafted({ 0: [0xca, 0xfe, 0xba, 0xbe] }), null],
  [
    "PE for x86-64",
    crafted({ 0: MZ, 0x3c: [0x80], 0x80: [...PE, 0x64, 0x86] }),
    "windows",
    "x86_64",
  ],
  ["PE for ARM", crafted({ 0: MZ, 0x3c: [0x80], 0x80: [...PE, 0x64, 0xaa] }), "windows", "aarch64"],
  ["PE whose header lies outside", crafted({ 0: MZ, 0x3c: [0xff, 0xff, 0xff, 0x7f] }), null],
  ["a program of DOS", crafted({ 0: MZ, 0x3c: [0x80] }), null],
  ["a script", new TextEncoder().encode("#!/bin/sh\nexit 0\n"), null],
  ["an ELF cut off", crafted({ 0: [...ELF, 2, 1] }, 18), null],
  ["an empty file", new Uint8Array(), null],
];

for (const [name, bytes, os, arch] of HEADERS) {
  Deno.test(`readExecutableHeader() on ${name}`, () => {
    assertEquals(readExecutableHeader(bytes) as unknown, os === null ? null : { os, arch });
  });
}

Deno.test("readExecutableHeader() knows the Deno that runs this", async () => {
  using file = await Deno.open(Deno.execPath());
  const bytes = new Uint8Array(4_096);
  await file.read(bytes);
  const { os, arch } = Deno.build;
  assertEquals(readExecutableHeader(bytes) as unknown, { os, arch });
});

Deno.test("each target has its command line", () => {
  const lines = TARGETS.map((target) =>
    compileArguments({
      target,
      output: `dist/${executableName(target)}`,
      denoVersion: "2.9.6",
      isFrozen: false,
    }).join(" ")
  );
  const made = (target: string, end = "") =>
    "compile --allow-all --no-code-cache --exclude-unused-npm --app-name ai-engine " +
    `--target ${target} --output dist/ai-engine-${target}${end} main.ts`;
  assertEquals(lines, [
    made("x86_64-unknown-linux-gnu"),
    made("aarch64-unknown-linux-gnu"),
    made("x86_64-apple-darwin"),
    made("aarch64-apple-darwin"),
    made("x86_64-pc-windows-msvc", ".exe"),
    made("aarch64-pc-windows-msvc", ".exe"),
  ]);
});

Deno.test("Deno 2.8 gets no option and no target that it does not know", () => {
  const old = { output: "x", denoVersion: "2.8.3", isFrozen: true } as const;
  assertEquals(
    compileArguments({ ...old, target: "aarch64-apple-darwin" }).join(" "),
    "compile --allow-all --no-code-cache --exclude-unused-npm --frozen " +
      "--target aarch64-apple-darwin --output x main.ts",
  );
  assertThrows(
    () => compileArguments({ ...old, target: "aarch64-pc-windows-msvc" }),
    RangeError,
    "use 2.9 or later",
  );
});

Deno.test("a target says what its header must be", () => {
  assertEquals(headerOf("x86_64-unknown-linux-gnu"), { os: "linux", arch: "x86_64" });
  assertEquals(headerOf("aarch64-apple-darwin"), { os: "darwin", arch: "aarch64" });
  assertEquals(headerOf("aarch64-pc-windows-msvc"), { os: "windows", arch: "aarch64" });
  assertEquals(isTarget("riscv64gc-unknown-linux-gnu"), false);
});
