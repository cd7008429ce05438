export type { WatchedFiles } from "./watched_files.ts";

/** Who watches nothing does not load what does. */
export function loadWatchedFiles(): Promise<typeof import("./watched_files.ts")> {
  return import("./watched_files.ts");
}
