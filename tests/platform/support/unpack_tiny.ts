/**
 * Unpacks the tiny engine of the folder that the first argument names to the places that the others
 * name; prints a line for each step, and how it ended. `AI_ENGINE_TEST_HALT` stops it at the first step.
 */
import { UnpackedEngine } from "../../../src/platform/packed/unpacked_engine.ts";
import { unpackingOf, writeTinyEngine } from "./tiny_engine.ts";

const [dir = "", ...places] = Deno.args;
const { options } = unpackingOf(await writeTinyEngine(dir), places, {
  onStep(step) {
    console.log(step.kind);
    const isHalfway = step.kind === "unpacking" && step.bytes > 0;
    if (isHalfway && Deno.env.has("AI_ENGINE_TEST_HALT")) { for (;;); }
  },
});
try {
  using engine = await UnpackedEngine.open(options);
  console.log(engine.program);
} catch (error) {
  console.log(String(error));
}
