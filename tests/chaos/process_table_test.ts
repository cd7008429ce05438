import { assertEquals } from "@std/assert";
import {
  findProcess,
  isAlive,
  parseProcess,
  processTable,
  signal,
  variableOf,
} from "../../tasks/chaos/process_table.ts";

const FIELDS = "S 7 40 41 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1024 3";
const isLinux = Deno.build.os === "linux";

Deno.test("parseProcess() takes a name with anything in it, and no zombie", () => {
  const found = { pid: 42, name: ") (R 1", parent: 7, group: 40, session: 41, began: 987654 };
  assertEquals(parseProcess(`42 () (R 1) ${FIELDS}`), found);
  assertEquals(parseProcess(`42 (sh) ${FIELDS.replace("S", "Z")}`), null);
  assertEquals(
    parseProcess(`42 (sh) ${FIELDS.replace("S", "Z").replace("0 1 0", "0 2 0")}`)?.pid,
    42,
  );
  assertEquals(parseProcess(""), null);
});

Deno.test({
  name: "a process is found with its parent and its variables until it is reaped",
  ignore: !isLinux,
  async fn() {
    const env = { CHAOS_TEST: "a=b", CHAOS_TEST_2: "" };
    const child = new Deno.Command("sleep", { args: ["1000"], env }).spawn();
    const found = (await processTable()).find(({ pid }) => pid === child.pid);
    assertEquals([found?.parent, found && await isAlive(found)], [Deno.pid, true]);
    assertEquals(found && await isAlive({ ...found, began: found.began + 1 }), false);
    // Between fork and exec it has its parent's.
    while (await variableOf(child.pid, "CHAOS_TEST") !== "a=b") await Promise.resolve();
    assertEquals(await variableOf(child.pid, "CHAOS_TEST_2"), "");
    assertEquals(await variableOf(child.pid, "CHAOS"), undefined);
    assertEquals(signal(child.pid), true);
    await child.status;
    assertEquals([signal(child.pid), await findProcess(child.pid)], [false, null]);
  },
});
