/** Examples that can be run here. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { withProgram, works } from "./support/harness.ts";

const example = (name: string) =>
  fromFileUrl(new URL(`../../examples/${name}.yaml`, import.meta.url));

Deno.test({
  name: "the example of a server in Node.js serves, and ends when it is asked to",
  ignore: !works("node", "--version"),
  fn: () =>
    withProgram({ args: ["--config", example("node")] }, async (program) => {
      const { status, body } = await program.json("/upstream/node-echo/hello?x=1");
      assertEquals([status, body], [200, { status: "ok", path: "/hello?x=1" }]);
    }),
});
