/** OpenAI's client for Python, which the tests ask through us as its users would. */
import type { Part } from "./part.ts";
import { setUpPackages } from "./python_packages.ts";
import { inRoot } from "./root.ts";

export const OPENAI_PACKAGES = inRoot(".cache", "openai-python-3.54.0");

/** Installs it, for the Python of the environment in `directory`. The part's path is for `PYTHONPATH`. */
export function setUpOpenAiClient(directory: string): Promise<Part> {
  return setUpPackages(directory, {
    requirement: "openai==3.54.0",
    folder: OPENAI_PACKAGES,
    module: "openai",
    progress: "Installing OpenAI's client for the tests (once)",
  });
}
