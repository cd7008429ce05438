import { assertEquals } from "@std/assert";
import { prefers } from "../../src/web/accept.ts";

const HTML = "text/html";
const STREAM = "text/event-stream";

for (
  const [accept, type, wanted] of [
    [null, HTML, false],
    ["", HTML, false],
    ["*/*", HTML, false],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML, true],
    ["TEXT/HTML", HTML, true],
    ["text/*", HTML, true],
    ["text/html;q=0.5, application/json", HTML, false],
    ["text/html, application/json;q=0.9", HTML, true],
    ["text/html, application/json", HTML, false],
    ["text/html;q=0", HTML, false],
    ["text/html;q=nonsense, */*;q=0.1", HTML, false],
    ["text/*;q=0.9, text/html;q=0.1, application/json;q=0.5", HTML, false],
    ["text/event-stream", STREAM, true],
    ["text/event-stream, application/json;q=0.1", STREAM, true],
    ["application/json, text/event-stream;q=0.1", STREAM, false],
    ["text/html", STREAM, false],
  ] as const
) {
  Deno.test(`Accept: ${accept} ${wanted ? "prefers" : "does not prefer"} ${type}`, () => {
    assertEquals(prefers(accept, type), wanted);
  });
}
