import { assertEquals, assertThrows } from "@std/assert";
import { replaceFigures } from "../../tasks/bench/page.ts";

/** A page with a place for each of two benches. */
function pageWith(one: string, other: string): string {
  const place = (task: string, figures: string) =>
    `<!-- Figures by \`deno task ${task} --write\`: change nothing from here … -->\n\n${figures}\n\n` +
    "<!-- … to here. -->\n";
  return `# Speed\n\n${place("bench", one)}\nwords\n\n${place("bench:proxy", other)}\nmore words\n`;
}

Deno.test("replaceFigures() puts figures in the place of the task's old ones, nowhere else", () => {
  const page = pageWith("old", "other");
  assertEquals(
    replaceFigures(page, { figures: "new $& $1\n", task: "bench" }),
    pageWith("new $& $1", "other"),
  );
  assertEquals(
    replaceFigures(page, { figures: "\nnew", task: "bench:proxy" }),
    pageWith("old", "new"),
  );
});

Deno.test("replaceFigures() refuses a page without its place", () => {
  const figures = { figures: "new", task: "bench:proxy" };
  assertThrows(() => replaceFigures("# Speed\n", figures), Error, "bench:proxy");
  const cut = pageWith("old", "other").replace(/<!-- … to here\. -->\n\nmore words\n$/, "");
  assertThrows(() => replaceFigures(cut, figures), Error, "bench:proxy");
});
