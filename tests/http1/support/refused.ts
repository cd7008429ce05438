/** Rows of what a server codec refuses, and the test that each of them makes. */
import { assertEquals, assertExists } from "@std/assert";
import type { Rule } from "../../../src/http1/mod.ts";
import { bytesOf, bytewise, everySplit } from "./play.ts";
import { serve, type ServeOptions } from "./serve.ts";

export interface RefusedRow extends ServeOptions {
  readonly rule: Rule;
  readonly says: string;
  readonly input: string;
  /** @default 400 */
  readonly status?: number;
  /** The head was told before the fault. @default false: nobody behind the codec has seen anything */
  readonly headSeen?: boolean;
}

export type Traits = Omit<RefusedRow, "rule" | "says" | "input">;

/** The traits of a fault behind the head. */
export const IN_BODY: Traits = { headSeen: true };

export const LINE = "POST / HTTP/1.1\r\n";
export const HOST = "Host: localhost\r\n";
export const CHUNKED = `${LINE}${HOST}Transfer-Encoding: chunked\r\n\r\n`;

/** One row for each of several inputs. */
export function each(
  rule: Rule,
  says: string,
  inputs: readonly string[],
  traits: Traits = {},
): RefusedRow[] {
  return inputs.map((input) => ({
    rule,
    says: `${says} ${JSON.stringify(input.slice(0, 120))}`,
    input,
    ...traits,
  }));
}

/** Heads with the field lines, and behind them what a smuggler would like to be a second request. */
export function fields(texts: readonly string[]): string[] {
  return texts.map((text) =>
    `${LINE}${HOST}${text}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`
  );
}

/** Chunked requests with the bodies. */
export function chunks(texts: readonly string[]): string[] {
  return texts.map((text) => CHUNKED + text);
}

/** The row, fed whole, byte by byte and at every split. */
export function testRefused(row: RefusedRow): void {
  Deno.test(`http1 refuses of clients, ${row.rule}: ${row.says}`, () => {
    const input = bytesOf(row.input);
    const whole = serve([input], row);
    assertExists(whole.fault);
    assertEquals(whole.fault.split(":")[0], `remote ${row.rule}`);
    assertEquals(whole.status, row.status ?? 400);
    assertEquals(whole.requests.length, row.headSeen ? 1 : 0);
    assertEquals(whole.requests[0]?.trailers, undefined);
    assertEquals(whole.isReusable, false);
    assertEquals(serve(bytewise(input), row), whole);
    const cuts = input.length > 2_000 ? 50 : input.length;
    for (const pieces of everySplit(input, cuts)) assertEquals(serve(pieces, row), whole);
  });
}
