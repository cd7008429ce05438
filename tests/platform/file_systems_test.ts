import { assertEquals } from "@std/assert";
import { tellsLate } from "../../src/platform/file_systems.ts";

const MOUNTS = `22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
31 22 0:27 / /tmp rw - tmpfs tmpfs rw
40 22 0:300 / /home/a\\040b rw,relatime shared:5 master:2 - nfs4 nas:/home rw,vers=4.2
41 22 0:52 / /mnt/s3 rw - fuse.s3fs s3fs rw
42 22 8:17 / /mnt/usb rw - fuseblk /dev/sdb1 rw
43 22 0:53 / /mnt/win rw - cifs //win/share rw
44 22 0:54 / /sys/fs/fuse rw - fusectl fusectl rw
`;

/** As Linux packs it. */
function device(major: number, minor: number): number {
  return (minor & 0xff) + major * 2 ** 8 + (minor >> 8) * 2 ** 20;
}

const DEVICES = [
  ["a disk", 259, 2, false],
  ["memory", 0, 27, false],
  ["a server, whose number has more than eight bits", 0, 300, true],
  ["a program", 0, 52, true],
  ["a program with a disk", 8, 17, true],
  ["a share", 0, 53, true],
  ["the kernel's own", 0, 54, false],
  ["none that is mounted", 0, 99, false],
] as const;

for (const [what, major, minor, expected] of DEVICES) {
  Deno.test(`${what} ${expected ? "may tell late" : "tells at once"} what it can't keep`, () => {
    assertEquals(tellsLate(MOUNTS, device(major, minor)), expected);
  });
}
