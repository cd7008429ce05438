/** Every exit code and what it means (contract section 5). */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: 0, meaning: "Done; for `serve`: closed, and every engine is gone" },
  { code: 1, meaning: "The command or the engine failed" },
  { code: 2, meaning: "Usage error, or an input that no engine takes" },
  { code: 3, meaning: "`status`: a named or the only engine is not ready" },
  { code: 4, meaning: "The supervisor can't be reached" },
  { code: 5, meaning: "No such engine" },
  { code: 6, meaning: "A setting can't be used, or the engine's program is missing" },
  { code: 7, meaning: "Timed out" },
  { code: 8, meaning: "Refused for where the request came from, or for want of a token" },
  { code: 9, meaning: "`serve`: the address is in use" },
  { code: 10, meaning: "`serve`: a supervisor runs already" },
  { code: 11, meaning: "Not everything was closed" },
  { code: 130, meaning: "A command was interrupted (Ctrl-C)" },
  { code: 143, meaning: "A command was terminated (SIGTERM)" },
];
