/** What a scan says of a body, however it is cut. */
import { assertEquals } from "@std/assert";
import type { ModelScan, ScanOutcome } from "../../../src/gateway/model_scan.ts";

/** Scans the pieces one after the other, then says that it was all. */
export function scanAll(scan: ModelScan, pieces: Iterable<Uint8Array>): ScanOutcome {
  for (const piece of pieces) {
    // What is in a piece is gone when the next one comes.
    const own = piece.slice();
    const outcome = scan.scan(own);
    own.fill(0x22);
    if (outcome !== undefined) return outcome;
  }
  return scan.end();
}

/** The outcome for `body` whole; the same in two pieces, cut at each place, and byte by byte. */
export function scanCut(make: () => ModelScan, body: Uint8Array): ScanOutcome {
  const outcome = scanAll(make(), [body]);
  for (let at = 1; at < body.length; at++) {
    const cut = [body.subarray(0, at), body.subarray(at)];
    assertEquals(scanAll(make(), cut), outcome, `cut at ${at}`);
  }
  assertEquals(scanAll(make(), bytesOf(body)), outcome, "byte by byte");
  return outcome;
}

function* bytesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at++) yield body.subarray(at, at + 1);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
