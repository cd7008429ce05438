import { statfs } from "node:fs/promises";
import { isAbsolute, join } from "@std/path";
import { AiEngineError, type FolderState } from "../../core/mod.ts";
import { systemFiles } from "../files.ts";
import { checkSocketDir, isWritable, type RuntimeDirEnv } from "../runtime_dir.ts";

/** The choice of `openRuntimeDir`, without making it. */
export async function runtimeDirOf({ XDG_RUNTIME_DIR: base }: RuntimeDirEnv): Promise<string> {
  if (base !== undefined && isAbsolute(base)) return join(base, "ai-engine");
  const uid = Deno.uid();
  const run = "/run/ai-engine";
  const isOurs = uid === 0 && (await isWritable(run) || await isWritable("/run"));
  return isOurs ? run : `/tmp/ai-engine-${uid}`;
}

export async function examineFolder(path: string): Promise<FolderState> {
  const nothing = { isOwn: false, mode: 0, isWritable: false, freeBytes: null };
  try {
    const info = await systemFiles.info(path);
    if (info === null) return { kind: "missing", ...nothing };
    const { kind, mode, uid } = info;
    return {
      kind,
      mode,
      isOwn: uid === systemFiles.uid,
      isWritable: kind === "directory" && await isWritable(path),
      freeBytes: await freeBytes(path),
    };
  } catch {
    return { kind: "unseen", ...nothing };
  }
}

export async function examineSocketFolder(
  path: string,
  setting: string,
): Promise<AiEngineError | null> {
  try {
    await checkSocketDir(path, setting);
    return null;
  } catch (error) {
    if (error instanceof AiEngineError) return error;
    throw error;
  }
}

/** The executable, or main.ts where that is run. */
export async function programMadeAt(): Promise<number | null> {
  const file = Deno.build.standalone ? Deno.execPath() : new URL(Deno.mainModule);
  try {
    return (await Deno.stat(file)).mtime?.getTime() ?? null;
  } catch {
    return null;
  }
}

async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
