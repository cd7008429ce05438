import { assertEquals } from "@std/assert";
import { isStillThere, parseStat, startTimeOf } from "../../src/platform/procfs.ts";
import { withHeadless } from "./support/trees.ts";

// deno-fmt-ignore
const NAMES = [
  "sleep", "a b", "a) S 1 2 (b", ") R 7 9", "))))", "(", "", "a)\nR 1 2", "Web Content) Z 1 9 9",
];

for (const name of NAMES) {
  Deno.test(`parseStat() is not misled by a process called ${JSON.stringify(name)}`, () => {
    const numbers = "1 456 455 0 -1 4194560 2914 0 0 0 12 3 0 0 20 0 1 0 7654321 9 9";
    assertEquals(parseStat(`123 (${name}) Z ${numbers}`), {
      state: "Z",
      pgrp: 456,
      session: 455,
      threads: 1,
      startTime: "7654321",
    });
  });
}

Deno.test({
  name: "parseStat() reads what the kernel says of this process",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const stat = parseStat(await Deno.readTextFile("/proc/self/stat"));
    const ps = await new Deno.Command("ps", { args: ["-o", "pgid=", "-p", `${Deno.pid}`] })
      .output();
    assertEquals(stat.pgrp, Number(new TextDecoder().decode(ps.stdout)));
  },
});

Deno.test({
  name: "a process whose first thread has exited lives until the last one has",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withHeadless(async (tree) => {
      const startTime = startTimeOf(tree.pid);
      assertEquals([await tree.hasGroup(), isStillThere(tree.pid, startTime)], [true, true]);
      tree.signal("SIGKILL");
      await tree.exited;
      assertEquals([await tree.hasGroup(), isStillThere(tree.pid, startTime)], [false, false]);
    }),
});
