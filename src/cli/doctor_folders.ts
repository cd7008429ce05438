/** The folders of the program: what is there, whose it is, and whether there is room. */
import type { Examination, FolderState } from "../core/mod.ts";
import type { DoctorDeps, DoctorPlaces } from "./doctor_deps.ts";
import { type Finding, ok, wrong } from "./doctor_finding.ts";
import { formatBytes } from "./text.ts";

/** Less than this soon fills with logs. */
const LITTLE_SPACE_BYTES = 100_000_000;

export async function examineFolders(
  { machine }: DoctorDeps,
  { runtimeDir, logDir, modelsDir }: DoctorPlaces,
): Promise<readonly Finding[]> {
  const folders = [
    { check: "runtime folder", path: runtimeDir, use: "private", setting: "XDG_RUNTIME_DIR" },
    { check: "log folder", path: logDir, use: "written", setting: "logs.dir" },
    ...modelsDir === null ? [] : [
      { check: "models folder", path: modelsDir, use: "read", setting: "XDG_DATA_HOME" } as const,
    ],
  ] as const;
  const findings: Finding[] = [];
  for (const folder of folders) {
    const state = await machine.folder(folder.path);
    findings.push(
      state.kind === "missing"
        ? await examineMissing(machine, folder)
        : folderFinding(folder, state),
    );
  }
  return findings;
}

interface Folder {
  readonly check: string;
  readonly path: string;
  /** `private`: written, and nobody else may look into it. */
  readonly use: "private" | "written" | "read";
  readonly setting: string;
}

function folderFinding({ check, path, use, setting }: Folder, state: FolderState): Finding {
  const { kind, isOwn, mode, isWritable, freeBytes } = state;
  const isPrivate = use === "private";
  const elsewhere = `or set ${setting} to a folder of yours`;
  if (kind === "unseen") {
    return wrong(check, `${path} is hidden from you.`, `Open it, ${elsewhere}.`);
  }
  if (kind === "symlink" && !isPrivate) return ok(check, `${path}, a link`);
  if (kind !== "directory") {
    return wrong(check, `${path} is ${describeKind(kind)}.`, `Move it away, ${elsewhere}.`);
  }
  if (isPrivate && !isOwn) {
    return wrong(check, `${path} belongs to another user.`, `Move it away, ${elsewhere}.`);
  }
  if (isPrivate && (mode & 0o077) !== 0) {
    const says = `${path} is open to others: its mode is 0${(mode & 0o777).toString(8)}.`;
    return wrong(check, says, `chmod 700 ${path}`);
  }
  if (use === "read") return ok(check, path);
  if (!isWritable) {
    return wrong(check, `${path} is not writable, or full.`, `chmod u+w ${path}, ${elsewhere}.`);
  }
  if (freeBytes === null) return ok(check, path);
  if (freeBytes < LITTLE_SPACE_BYTES) return full({ check, path, setting }, freeBytes);
  return ok(check, `${path}, ${formatBytes(freeBytes)} free`);
}

function full(
  { check, path, setting }: Omit<Folder, "use">,
  freeBytes: number,
): Finding {
  const says = `There is little room for ${path}: ${formatBytes(freeBytes)} free.`;
  return wrong(check, says, `Make room, or set ${setting} to a folder on another disk.`);
}

/** It will be made: that of the sockets beside what there is, others with all above them. */
async function examineMissing(
  machine: Examination,
  { check, path, use, setting }: Folder,
): Promise<Finding> {
  if (use === "read") return ok(check, `${path}, not made yet`);
  let above = parentOf(path);
  let state = await machine.folder(above);
  while (state.kind === "missing" && use !== "private" && above !== "/") {
    above = parentOf(above);
    state = await machine.folder(above);
  }
  const { freeBytes, kind, isWritable } = state;
  if (kind !== "symlink" && !(kind === "directory" && isWritable)) {
    const why = kind === "missing" ? "is not there" : "is not writable";
    const says = `${path} can't be made: ${above} ${why}.`;
    return wrong(check, says, `Make it, or set ${setting} to a folder of yours.`);
  }
  if (freeBytes !== null && freeBytes < LITTLE_SPACE_BYTES) {
    return full({ check, path, setting }, freeBytes);
  }
  return ok(check, `${path}, made when it is needed`);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}

function describeKind(kind: FolderState["kind"]): string {
  return kind === "symlink" ? "a symbolic link" : `a ${kind}, not a folder`;
}
