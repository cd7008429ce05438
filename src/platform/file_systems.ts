/**
 * File systems that take in what they may not be able to keep: over a network, or by a program. They say
 * so when it is to be made safe; `close` says so as well, but the runtime does not pass that on.
 */
const LATE = /^(?:nfs4?|cifs|smb3?|9p|ceph|afs|lustre|beegfs|virtiofs|vboxsf|fuse(?:blk|\..+)?)$/;

/** Whether `device` (as `stat` has it) is one of those; `mounts` is `/proc/self/mountinfo`. */
export function tellsLate(mounts: string, device: number): boolean {
  const number = `${majorOf(device)}:${minorOf(device)}`;
  const mount = mounts.split("\n").find((line) => line.split(" ", 3)[2] === number);
  return LATE.test(mount?.split(" - ")[1]?.split(" ", 1)[0] ?? "");
}

/** As Linux packs them: 12 and 20 bits, the lowest eight of the latter first. */
function majorOf(device: number): number {
  return Math.floor(device / 2 ** 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) + (Math.floor(device / 2 ** 20) & 0xfff) * 2 ** 8;
}
