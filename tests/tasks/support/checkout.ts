import { dirname, join } from "@std/path";
import { inRoot } from "../../../tasks/support/root.ts";
import { listFiles } from "../../../tasks/support/tree.ts";

/** A checkout with the real tasks and a stand-in program. */
export async function makeCheckout(program: string): Promise<string> {
  const root = await Deno.makeTempDir();
  for (const directory of ["tasks/support", "src/shims", "engine/builtin"]) {
    await Deno.mkdir(join(root, directory), { recursive: true });
  }
  for (const directory of ["tasks", "tasks/support", "src/shims"]) {
    for await (const entry of Deno.readDir(inRoot(directory))) {
      if (!entry.isFile) continue;
      await Deno.copyFile(inRoot(directory, entry.name), join(root, directory, entry.name));
    }
  }
  await Deno.copyFile(inRoot("deno.json"), join(root, "deno.json"));
  await Deno.copyFile(inRoot("deno.lock"), join(root, "deno.lock"));
  await Deno.writeTextFile(join(root, "main.ts"), program);
  return root;
}

/** A checkout with the real tasks and the real program, which nobody edits meanwhile. */
export async function makeWholeCheckout(): Promise<string> {
  const root = await makeCheckout(await Deno.readTextFile(inRoot("main.ts")));
  for (const start of ["src", "engine/builtin"]) {
    for (const path of await listFiles(start, /./)) {
      await Deno.mkdir(join(root, dirname(path)), { recursive: true });
      await Deno.copyFile(inRoot(path), join(root, path));
    }
  }
  return root;
}
