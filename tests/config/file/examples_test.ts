import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { loadConfig } from "../../../src/config/file/mod.ts";

const DIR = fromFileUrl(new URL("../../../examples", import.meta.url));

const ENV = { EXAMPLE_API_KEY: "secret" };

/** Nothing of whoever runs the tests. */
function loadExample(path: string) {
  const bytes = Deno.readFileSync(path);
  return loadConfig(bytes, { path, sources: { flags: {}, env: ENV, cwd: "/" } }).requested;
}

Deno.test("every example is a file without errors, and there is one for each kind of engine", () => {
  const names = [...Deno.readDirSync(DIR)].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml")).sort();
  assertEquals(names, [
    "container.yaml",
    "llama-server.yaml",
    "node.yaml",
    "on-a-port.yaml",
    "ours.yaml",
    "remote.yaml",
    "uvicorn.yaml",
    "vllm.yaml",
  ]);
  for (const name of names) {
    const { engines } = loadExample(join(DIR, name));
    for (const { program } of engines) {
      if (program.kind !== "command" || name === "node.yaml") continue;
      const isPlaced = program.command.some((word) => /\$\{(SOCKET|PORT)\}/.test(word));
      assert(isPlaced, `${name}: neither socket nor port`);
    }
  }
});

Deno.test("an example's folders are those beside it", () => {
  const [{ settings }] = loadExample(join(DIR, "uvicorn.yaml")).engines;
  assertEquals(settings.cwd, DIR);
});
