import type { FileInfo, Files } from "../../../src/core/mod.ts";

const NOT_USED = () => Promise.reject(new TypeError("only info is used here"));

export const PROGRAM: FileInfo = { kind: "file", uid: 1000, mode: 0o755 };
export const TEXT: FileInfo = { kind: "file", uid: 1000, mode: 0o644 };
export const FOLDER: FileInfo = { kind: "directory", uid: 1000, mode: 0o755 };
export const LINK: FileInfo = { kind: "symlink", uid: 1000, mode: 0o777 };

/** Files that have nothing but what stands at these paths. */
export function fakeFiles(there: Readonly<Record<string, FileInfo>>): Files {
  return {
    uid: 1000,
    info: (path) => Promise.resolve(there[path] ?? null),
    remove: NOT_USED,
    setMode: NOT_USED,
  };
}
