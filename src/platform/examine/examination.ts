/**
 * The {@linkcode Examination} of this machine. Loaded for `ai-engine doctor` only.
 *
 * @module
 */
import type { Examination } from "../../core/mod.ts";
import { examineCgroup } from "./cgroup.ts";
import { examineFolder, examineSocketFolder, programMadeAt, runtimeDirOf } from "./folders.ts";
import { examineLimits } from "./limits.ts";
import { findLockHolder } from "./lock_holder.ts";
import { examinePort } from "./port.ts";
import { examinePython } from "./python.ts";
import { examineSocket } from "./socket.ts";

export function examination(
  env: Readonly<{ XDG_RUNTIME_DIR?: string | undefined }>,
): Examination {
  return {
    runtimeDir: () => runtimeDirOf(env),
    folder: examineFolder,
    socketFolder: examineSocketFolder,
    socket: examineSocket,
    lockHolder: findLockHolder,
    port: examinePort,
    cgroup: examineCgroup,
    limits: examineLimits,
    python: examinePython,
    programMadeAt,
  };
}
