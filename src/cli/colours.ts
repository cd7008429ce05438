/**
 * Whether to colour. A flag beats the environment; there a wish for none beats one for some, and that
 * beats what the output is.
 *
 * @module
 */
import { unknownWord } from "./usage_error.ts";

const WISHES = ["auto", "always", "never"] as const;

/** What `--color` can be. */
export type ColourWish = typeof WISHES[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** The last of the values that `--color` was given. Throws `UsageError`. */
export function readColourWish(values: readonly string[] | undefined): ColourWish {
  const value = values?.at(-1) ?? "auto";
  const wish = WISHES.find((one) => one === value);
  if (wish === undefined) throw unknownWord("color", { value, words: WISHES });
  return wish;
}

/** Whether text is to be coloured on an output that `canDraw`, that is, a terminal that is not dumb. */
export function isColoured(wish: ColourWish, env: Environment, canDraw: boolean): boolean {
  if (wish !== "auto") return wish === "always";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return canDraw || isForced(env["FORCE_COLOR"]) || isForced(env["CLICOLOR_FORCE"]);
}

function isForced(value = ""): boolean {
  return value !== "" && value !== "0" && value !== "false";
}
