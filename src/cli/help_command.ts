import { COMMANDS } from "./commands.ts";
import { renderHelp, renderTopic } from "./help.ts";
import type { Screen } from "./screen.ts";
import { unknownTopic } from "./usage_error.ts";
import { TOPICS } from "./words.ts";

/** `help [COMMAND|TOPIC]`; of a word that is both, both. */
export async function help(screen: Screen, [word]: readonly string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name === word);
  const topic = TOPICS.find((one) => one === word);
  if (word !== undefined && command === undefined && topic === undefined) throw unknownTopic(word);
  const parts = [
    ...(command !== undefined || word === undefined ? [renderHelp(screen, command ?? null)] : []),
    ...(topic === undefined ? [] : [renderTopic(screen, topic)]),
  ];
  await screen.print(...parts.flatMap((lines, i) => i === 0 ? lines : ["", ...lines]));
  return 0;
}
