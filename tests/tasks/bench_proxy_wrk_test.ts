import { assertEquals, assertThrows } from "@std/assert";
import { parseFigures } from "../../tasks/bench_proxy/wrk.ts";

/** The line that wrk.lua prints. */
function line(changed: Readonly<Record<string, number>> = {}): string {
  const figures = { requests: 3, durationUs: 1, p50Us: 1, p99Us: 1, refused: 0, broken: 0 };
  return `figures: ${JSON.stringify({ ...figures, ...changed })}`;
}

Deno.test("parseFigures() tells requests a second and milliseconds", () => {
  const found = parseFigures(
    line({ requests: 30_000, durationUs: 1_500_000, p50Us: 97, p99Us: 12_345 }),
  );
  assertEquals(found, { requestsPerSecond: 20_000, p50Ms: 0.097, p99Ms: 12.345 });
});

Deno.test("parseFigures() takes no figures of a round in which an answer was refused", () => {
  assertThrows(() => parseFigures(line({ refused: 2 })), Error, "2 of 3 answers");
});

Deno.test("parseFigures() takes no figures of a round in which a connection broke", () => {
  assertThrows(() => parseFigures(line({ broken: 4 })), Error, "4 connections broken");
});

Deno.test("parseFigures() takes no figures of a round without an answer", () => {
  assertThrows(() => parseFigures(line({ requests: 0 })), Error, "no answer at all");
});
