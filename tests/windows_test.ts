import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";

Deno.test("on Windows the program says that it is not supported yet, and exits", async () => {
  const script = fromFileUrl(new URL("./support/as_windows.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", script, "serve"],
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals([code, new TextDecoder().decode(stdout)], [1, ""]);
  assertMatch(new TextDecoder().decode(stderr), /^error: .*Windows yet\.\ncause: .*\ntry: .*\n$/);
});
