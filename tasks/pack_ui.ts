/**
 * `deno task pack-ui`: makes src/web/ui/packed_main.txt, the modules that every page has as one small
 * one. What was made of other modules than there are now is not served: then run this again.
 *
 * @module
 */
import { JOINED } from "../src/web/ui/assets.ts";
import { joinModules, packedHead } from "../src/web/ui/served.ts";
import { lastLines, runCommand } from "./support/command.ts";
import { inRoot, ROOT } from "./support/root.ts";

/** `words` lies beside the pages, what touches a document in `browser`. */
function pathOf(name: string): string {
  return inRoot("src/web/ui", name === "words" ? "" : "browser", `${name}.js`);
}

const folder = await Deno.makeTempDir();
try {
  const entry = `${folder}/entry.js`;
  const output = `${folder}/main.js`;
  const names = Object.keys(JOINED);
  await Deno.writeTextFile(
    entry,
    names.map((name) => `export * from "file://${pathOf(name)}";\n`).join(""),
  );
  const args = ["bundle", "--platform=browser", "--minify", "--no-config", "-o", output, entry];
  const { code, output: said } = await runCommand([Deno.execPath(), ...args], { cwd: ROOT });
  if (code !== 0) throw new Error(lastLines(said, 20));
  const joined = joinModules(Object.values(JOINED));
  const packed = (await Deno.readTextFile(output)).trim();
  const file = inRoot("src/web/ui/packed_main.txt");
  await Deno.writeTextFile(file, `${packedHead(joined)}${packed}\n`);
  console.log(`${file}: ${packed.length} bytes instead of ${joined.length}`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
