/** Prints the names of the engines, for scripts that complete; it is in no table. */
export const NAMES_ARGUMENT = "__names";

/** Shells that completions are made for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** What there is help on besides the commands. */
export const TOPICS = ["environment", "exit-codes", "output", "config"] as const;
