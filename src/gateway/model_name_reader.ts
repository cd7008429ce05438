import type { FoundModel } from "./model_scan.ts";

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads names out of bodies; one that comes again is not decoded again. */
export class ModelNameReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #form: FoundModel["form"] = "plain";
  #name = "";

  /** `undefined` = it is no text in UTF-8, or no string in JSON. */
  read(bytes: Uint8Array, form: FoundModel["form"]): string | undefined {
    if (form === this.#form && isSame(bytes, this.#bytes)) return this.#name;
    const name = decode(bytes, form);
    if (name === undefined) return undefined;
    this.#bytes = bytes.slice();
    this.#form = form;
    this.#name = name;
    return name;
  }
}

function decode(bytes: Uint8Array, form: FoundModel["form"]): string | undefined {
  try {
    const text = UTF_8.decode(bytes);
    return form === "plain" ? text : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i]) return false;
  }
  return true;
}
