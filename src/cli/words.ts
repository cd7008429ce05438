/** Shells that completions are made for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** What there is help on besides the commands. */
export const TOPICS = ["environment", "exit-codes", "output", "config"] as const;
