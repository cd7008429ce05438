import { assertEquals } from "@std/assert";
import {
  absent,
  type Column,
  measured,
  noReference,
  reference,
  type Row,
  type Target,
} from "../../tasks/bench/row.ts";
import { formatFigure, judge, renderTable } from "../../tasks/bench/table.ts";

function row(source: Column, target: Target | null, executable = absent("not built")): Row {
  return { quantity: "answering", unit: "ms", target, source, executable };
}

/** The cells of the only row. */
function cells(one: Row): string[] {
  const line = renderTable([one]).split("\n")[2] ?? "";
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

Deno.test("judge() holds a figure against a limit of its own", () => {
  const target: Target = { kind: "at_most", limit: 10 };
  assertEquals(judge(row(measured([9, 10, 99]), target)), "ok");
  assertEquals(judge(row(measured([9, 10.1, 99]), target)), "**missed**");
});

Deno.test("judge() holds the 95th percentile against a limit of its own, too", () => {
  const target: Target = { kind: "at_most", limit: 5, p95: 15 };
  const samples = (slow: number) => [...Array(18).fill(4), slow, slow];
  assertEquals(judge(row(measured(samples(15)), target)), "ok");
  assertEquals(judge(row(measured(samples(15.1)), target)), "**missed**");
  assertEquals(cells(row(measured(samples(15)), target))[2], "≤ 5 ms, p95 ≤ 15 ms");
});

Deno.test("judge() holds what was added to the first reference against the limit", () => {
  const target: Target = { kind: "added", limit: 5 };
  const references = [reference("bare", [100]), reference("other", [1])];
  assertEquals(judge(row(measured([105], { references }), target)), "ok");
  assertEquals(judge(row(measured([105.1], { references }), target)), "**missed**");
});

Deno.test("judge() holds a ratio to the first reference against the limit", () => {
  const target: Target = { kind: "ratio", limit: 1.3 };
  const references = [reference("bare", [10]), reference("other", [100])];
  assertEquals(judge(row(measured([13], { references }), target)), "ok");
  assertEquals(judge(row(measured([13.1], { references }), target)), "**missed**");
});

Deno.test("judge() does not call ok what could not be measured or compared", () => {
  const target: Target = { kind: "added", limit: 5 };
  const references = [noReference("C client", "no C compiler"), reference("other", [100])];
  assertEquals(judge(row(absent("no Python"), target)), "not measured");
  assertEquals(judge(row(measured([1], { references }), target)), "not measured");
  assertEquals(judge(row(measured([1]), null)), "");
});

Deno.test("a row tells figure, comparison, target, verdict, references and the executable", () => {
  const references = [reference("bare", [1, 2, 3]), noReference("C client", "no C compiler")];
  const executable = measured([4, 4, 4], { references: [reference("bare", [5, 5, 5])] });
  const source = measured([5, 6, 7.5], { references, detail: "and more" });
  assertEquals(cells(row(source, { kind: "added", limit: 5 }, executable)), [
    "answering",
    "6.00 ms (5.00–7.50); +4.00 ms; and more",
    "≤ +5 ms",
    "ok",
    "bare 2.00 ms (1.00–3.00); C client not measured: no C compiler",
    "4.00 ms (4.00–4.00); −1.00 ms [bare 5.00 ms (5.00–5.00)]",
  ]);
});

Deno.test("a row without target or references leaves their cells empty", () => {
  assertEquals(cells(row(measured([250]), null)), [
    "answering",
    "250 ms",
    "",
    "",
    "",
    "not measured: not built",
  ]);
});

Deno.test("a ratio is said as one", () => {
  const source = measured([30], { references: [reference("bare", [20])] });
  assertEquals(cells(row(source, { kind: "ratio", limit: 1.3 }))[1], "30.0 ms; 1.50 ×");
});

Deno.test("a bar in a cell does not end it", () => {
  const one = { ...row(measured([1]), null), quantity: "a | b" };
  assertEquals(cells(one)[0], "a \\| b");
});

Deno.test("formatFigure() keeps about three digits", () => {
  const figures = [0.0421, 1.005, 12.34, 123.4, -0.5];
  assertEquals(figures.map(formatFigure), ["0.042", "1.00", "12.3", "123", "-0.500"]);
});
