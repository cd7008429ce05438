/** Keyed digests. */
import type { HmacSha256 } from "../core/mod.ts";

const ALGORITHM = { name: "HMAC", hash: "SHA-256" } as const;

export const hmacSha256: HmacSha256 = async (key, text) => {
  const encoder = new TextEncoder();
  const secret = await crypto.subtle.importKey("raw", encoder.encode(key), ALGORITHM, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM.name, secret, encoder.encode(text)));
};
