import { assertEquals, assertThrows } from "@std/assert";
import { columnOf, fits, parseCitations, parseFaults } from "../../tasks/support/citations.ts";

const PAGE = `# Page

| fault | test | F |
| ----- | ---- | - |
| one | a/b: x | 01 |
| two \\| three | c | |

| test |
| --- |
| d |

| other |
| --- |
| e |
`;

Deno.test("columnOf() reads a column of every table that has it, empty cells left out", () => {
  assertEquals(columnOf(PAGE, "test"), ["a/b: x", "c", "d"]);
  assertEquals(columnOf(PAGE, "F"), ["01"]);
  assertEquals(columnOf(PAGE, "fault"), ["one", "two | three"]);
  assertEquals(columnOf(PAGE, "none"), []);
});

Deno.test("parseCitations() reads places with and without a name, and more names of one place", () => {
  assertEquals(parseCitations("e2e/logs: a … b; c: d; app"), [
    { place: "e2e/logs", parts: ["a", "b"] },
    { place: "c", parts: ["d"] },
    { place: "app", parts: [] },
  ]);
  assertEquals(parseCitations("a: one; the other()"), [
    { place: "a", parts: ["one"] },
    { place: "a", parts: ["the other()"] },
  ]);
});

Deno.test("parseCitations() leaves remarks out", () => {
  assertEquals(parseCitations("– (not tested)"), []);
  assertEquals(parseCitations("a (with b; as root); c: d() e (too)"), [
    { place: "a", parts: [] },
    { place: "c", parts: ["d() e"] },
  ]);
});

Deno.test("parseCitations() throws when no place is named", () => {
  assertThrows(() => parseCitations("Some name"), SyntaxError);
});

Deno.test("fits() wants all parts in their order", () => {
  const citation = { place: "a", parts: ["kill -9", "child"] };
  assertEquals(fits(citation, "kill -9 of the program ends its child"), true);
  assertEquals(fits(citation, "its child ends by kill -9"), false);
  assertEquals(fits({ place: "a", parts: [] }, "anything"), true);
});

Deno.test("parseFaults() reads numbers and ranges", () => {
  assertEquals(parseFaults("01–03, 08, 58b"), ["01", "02", "03", "08", "58b"]);
});
