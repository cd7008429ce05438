/**
 * What a command is started by so that file modes hold for it: `setpriv`, for root, which they would
 * not hold for; nothing for everybody else.
 */
export const NO_OVERRIDE: readonly string[] = Deno.uid() === 0
  ? ["setpriv", "--bounding-set=-dac_override"]
  : [];
