import { MAX_CONFIG_BYTES } from "../loaded_config.ts";
import type { FaultList } from "./node.ts";

/** The text of a file; `null`, and a fault, when it is too large or no text. */
export function decodeConfig(bytes: Uint8Array, faults: FaultList): string | null {
  const start = { line: 1, column: 1 };
  if (bytes.length > MAX_CONFIG_BYTES) {
    faults.add(start, {
      detail: "The file is larger than 512 KiB.",
      fix: "Name the file with the settings, and keep prompts and models out of it.",
    });
    return null;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    faults.add(start, { detail: "The file is not text in UTF-8.", fix: "Save it as UTF-8." });
    return null;
  }
}
