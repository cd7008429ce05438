/** What reads answers while they come: for the command line, so a supervisor never loads it. */
export function answerOpener(): Promise<typeof import("./open_answer.ts")> {
  return import("./open_answer.ts");
}
