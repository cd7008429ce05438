/** Ray Serve, which only its own tests need: half a gigabyte. */
import type { Part } from "./part.ts";
import { setUpPackages } from "./python_packages.ts";
import { inRoot } from "./root.ts";

/** Installs it, for the Python of the environment in `directory`. The part's path is for `PYTHONPATH`. */
export function setUpRay(directory: string): Promise<Part> {
  return setUpPackages(directory, {
    requirement: "ray[serve]==2.60.0",
    folder: inRoot(".cache", "ray-2.60.0"),
    module: "ray.serve",
    progress: "Installing Ray Serve for its tests (once, 500 MB)",
  });
}
