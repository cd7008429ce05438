import type { SocketState } from "../../core/mod.ts";
import { systemFiles } from "../files.ts";
import { isAnswered } from "../listen.ts";

export async function examineSocket(path: string): Promise<SocketState> {
  try {
    const info = await systemFiles.info(path);
    if (info === null) return "missing";
    if (info.kind !== "socket" || info.uid !== systemFiles.uid) return "foreign";
    return await isAnswered(path) ? "answered" : "stale";
  } catch {
    return "unseen";
  }
}
