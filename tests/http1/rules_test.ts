import { assertEquals } from "@std/assert";
import { RULES } from "../../src/http1/mod.ts";

Deno.test("docs/http.md names every rule, and none that is not there", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/http.md", import.meta.url));
  const named = new Set(
    text.match(/`[A-Z0-9]+(?:_[A-Z0-9]+)*`/g)?.map((name) => name.slice(1, -1)),
  );
  for (const method of ["HEAD", "CONNECT"]) named.delete(method);
  assertEquals([...named].sort(), Object.keys(RULES).sort());
});
