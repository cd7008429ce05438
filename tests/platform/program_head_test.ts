import { assert, assertEquals, assertFalse } from "@std/assert";
import { findFlaw, isHandledBy, judgeHead } from "../../src/platform/program_head.ts";

const encoder = new TextEncoder();

function elf(machine: number, order: "little" | "big" = "little"): Uint8Array {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, order === "little" ? 1 : 2, 1]);
  new DataView(head.buffer).setUint16(18, machine, order === "little");
  return head;
}

Deno.test("judgeHead() takes a machine's own programs, its 32-bit ones, and scripts", () => {
  for (const [arch, machines] of [["x86_64", [62, 3]], ["aarch64", [183, 40]]] as const) {
    for (const machine of machines) assertEquals(judgeHead(elf(machine), arch), null);
    assertEquals(judgeHead(encoder.encode("#!/bin/sh\n"), arch), null);
  }
});

Deno.test("judgeHead() names programs of other machines, in either byte order", () => {
  assertEquals(judgeHead(elf(183), "x86_64"), "another_architecture");
  assertEquals(judgeHead(elf(62), "aarch64"), "another_architecture");
  assertEquals(judgeHead(elf(22, "big"), "x86_64"), "another_architecture");
  assertEquals(judgeHead(elf(0x3e00, "big"), "x86_64"), "another_architecture");
});

Deno.test("judgeHead() does not judge machines that it does not know", () => {
  assertEquals(judgeHead(elf(62), "riscv64"), null);
});

Deno.test("judgeHead() wants a #! line from everything else, and a whole head", () => {
  for (const text of ["", "#", "echo", " #!/bin/sh", "\x7fELF", "\xfe\xed\xfa\xcf"]) {
    assertEquals(judgeHead(encoder.encode(text), "x86_64"), "no_interpreter", text);
  }
});

/** As Debian's qemu-user writes it for aarch64. */
const QEMU = `enabled
interpreter /usr/bin/qemu-aarch64-static
flags: OCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;

Deno.test("isHandledBy() knows the files that an emulator takes", () => {
  assert(isHandledBy(QEMU, "/x", elf(183).fill(2, 16, 17)));
  assertFalse(isHandledBy(QEMU, "/x", elf(62).fill(2, 16, 17)));
  assertFalse(isHandledBy(QEMU.replace("enabled", "disabled"), "/x", elf(183).fill(2, 16, 17)));
});

Deno.test("isHandledBy() minds the mask, the offset and the extension", () => {
  const head = encoder.encode("xxMAGIC");
  const magic = "enabled\ninterpreter /x\nflags: \noffset 2\nmagic 4d41\n";
  assert(isHandledBy(magic, "/x", head));
  assertFalse(isHandledBy(magic.replace("offset 2", "offset 1"), "/x", head));
  assert(isHandledBy(magic.replace("4d41", "4dff") + "mask ff00\n", "/x", head));
  const extension = "enabled\ninterpreter /usr/bin/java\nflags: \nextension .jar\n";
  assert(isHandledBy(extension, "/a/b.jar", head));
  assertFalse(isHandledBy(extension, "/a/bjar", head));
  assertFalse(isHandledBy("enabled\n", "/x", head), "binfmt_misc's own status");
});

Deno.test("findFlaw() finds nothing wrong with this machine's programs", () => {
  assertEquals(findFlaw(Deno.execPath()), null);
  assertEquals(findFlaw("/bin/sh"), null);
  assertEquals(findFlaw("/no/such/program"), null);
});
