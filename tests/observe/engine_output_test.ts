import { assertEquals } from "@std/assert";
import { EngineOutput } from "../../src/observe/mod.ts";

function open(keptLines?: number) {
  const shown: string[] = [];
  const show = (line: string) => {
    shown.push(line);
  };
  const output = new EngineOutput(keptLines === undefined ? { show } : { show, keptLines });
  const print = (engine: string, text: string) => {
    const sink = output.sink(engine);
    sink.write(new TextEncoder().encode(text));
    sink.end();
  };
  return { output, shown, print };
}

Deno.test("each line is shown with its engine's name and kept without", () => {
  const { output, shown, print } = open();
  print("a", "one\ntwo\n");
  print("b", "three");
  assertEquals(shown, ["[a] one", "[a] two", "[b] three"]);
  assertEquals(output.tail("a", 10), ["one", "two"]);
  assertEquals(output.tail("b", 10), ["three"]);
});

Deno.test("tail() gives the last lines, oldest first, and no more than asked", () => {
  const { output, print } = open();
  print("a", "1\n2\n3\n");
  assertEquals(output.tail("a", 2), ["2", "3"]);
  assertEquals(output.tail("a", 0), []);
  assertEquals(output.tail("a", 3), ["1", "2", "3"]);
  assertEquals(output.tail("nobody", 3), []);
});

Deno.test("only the newest lines are kept, of each engine by itself", () => {
  const { output, print } = open(3);
  print("b", "x\n");
  for (let i = 1; i <= 1_000; i++) print("a", `${i}\n`);
  assertEquals(output.tail("a", 1_000), ["998", "999", "1000"]);
  assertEquals(output.tail("b", 1_000), ["x"]);
});

Deno.test("begin() forgets the lines of the engine's process before, and of no other", () => {
  const { output, print } = open();
  print("a", "old\n");
  print("b", "stays\n");
  output.begin("a");
  assertEquals(output.tail("a", 9), []);
  print("a", "new\n");
  assertEquals(output.tail("a", 9), ["new"]);
  assertEquals(output.tail("b", 9), ["stays"]);
});

Deno.test("a tail that was given does not change afterwards", () => {
  const { output, print } = open(2);
  print("a", "1\n2\n");
  const tail = output.tail("a", 2);
  print("a", "3\n");
  assertEquals(tail, ["1", "2"]);
});

Deno.test("two streams of one engine keep their half lines apart", () => {
  const { output } = open();
  const [stdout, stderr] = [output.sink("a"), output.sink("a")];
  const encoder = new TextEncoder();
  stdout.write(encoder.encode("out-"));
  stderr.write(encoder.encode("err-"));
  stdout.write(encoder.encode("1\n"));
  stderr.write(encoder.encode("2\n"));
  assertEquals(output.tail("a", 9), ["out-1", "err-2"]);
});
