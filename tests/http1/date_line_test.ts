/** `Date`, made once a second. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { dateLine, httpDate } from "../../src/http1/mod.ts";

const AT = Date.UTC(1994, 10, 6, 8, 49, 37);

Deno.test("httpDate() is the form of RFC 9110 section 5.6.7, with two digits a day", () => {
  assertEquals(httpDate(AT), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(AT + 999), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(AT + 1_000), "Sun, 06 Nov 1994 08:49:38 GMT");
  assertEquals(httpDate(AT - 1), "Sun, 06 Nov 1994 08:49:36 GMT");
});

Deno.test("dateLine() is a line with its end, the same one for all of a second", () => {
  const line = dateLine(AT + 1);
  assertEquals(new TextDecoder().decode(line), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  assertStrictEquals(dateLine(AT + 900), line);
});
