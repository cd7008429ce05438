/**
 * What there is to know besides the commands: `help TOPIC`, the man page and docs/cli.md show it. In
 * Markdown, of which no more is used than backticks, links and lists.
 *
 * @module
 */
import { EXIT_CODES } from "./exit_codes.ts";
import { TOPICS } from "./words.ts";

export type Topic = typeof TOPICS[number];

export interface TopicText {
  readonly title: string;
  /** Paragraphs, and lists of which each item is one. */
  readonly blocks: readonly (string | readonly string[])[];
}

export const TOPIC_TEXTS: Readonly<Record<Topic, TopicText>> = {
  output: {
    title: "Output",
    blocks: [
      "Data goes to stdout, everything else to stderr. An error is three lines: `error:` what " +
      "happened, `cause:` why, `try:` what to do next; below them stand the engine's last output " +
      "lines if it has any.",
      "With `--json` stdout holds exactly one document, with the field names of the API and `schema`, " +
      "which is 1; fields may be added, none changes or goes. What follows (`-f`) gives an object per " +
      "line instead. An error is one problem object on stderr, a line for each engine that failed; a " +
      "notice is an object with the field `notice`. Nothing to show is an empty list, with exit code 0. " +
      "Help is always text.",
      "What takes over a second shows its progress on stderr when that is a terminal. Piped output " +
      "has no colour and is never cut to a width; when its reader goes away, the command ends quietly.",
      "Colours are for terminals. `--color always` or `never` decides; else `NO_COLOR` turns them off; " +
      "else `FORCE_COLOR` or `CLICOLOR_FORCE` turns them on; else a terminal has them unless `TERM` is " +
      "`dumb`. States are always words, too.",
      "Ctrl-C ends a command with exit code 130 and says what goes on in the supervisor.",
    ],
  },
  environment: {
    title: "Environment",
    blocks: [
      "Every setting of `serve`, and `--control`, is also a variable; the help of `serve` names it. The " +
      "flag wins, the variable beats the configuration file, and an empty variable counts as not set. " +
      "`AI_ENGINE_LISTEN` has commas between several addresses, so a path with a comma in it has to be " +
      "a `--listen`; that stands instead of them all.",
      [
        "`NO_COLOR`, when not empty: no colour. `FORCE_COLOR` or `CLICOLOR_FORCE`, when neither empty " +
        "nor `0`: colour in pipes as well. `TERM=dumb`: no colour and no progress.",
        "`XDG_CONFIG_HOME`: the [configuration file](config.md) is `ai-engine/config.yaml` in it; " +
        "without it in `~/.config`, for root without a home in `/etc`.",
        "`XDG_RUNTIME_DIR`: the sockets are in its folder `ai-engine`; without it in `/run/ai-engine` " +
        "for root, else in `/tmp/ai-engine-UID`.",
        "`XDG_STATE_HOME`: what engines print is written to `ai-engine/logs/NAME.log` in it; without " +
        "it in `~/.local/state`. Only this user can read it; 10 MiB a file, the five before it are " +
        "kept as `NAME.log.1` to `NAME.log.5`, in all no more than 50 MiB.",
        "`AI_ENGINE_SOCKET`, `AI_ENGINE_FRAMES` and `AI_ENGINE_RUN` exist only in the environment of " +
        "an engine: where it has to listen, where it may offer [direct calls](frames.md), and which " +
        "run it belongs to.",
      ],
    ],
  },
  config: {
    title: "Configuration",
    blocks: [
      "One YAML file, all of it optional, says which engines there are and how the program behaves: " +
      "[docs/config.md](config.md). `--config PATH` or `AI_ENGINE_CONFIG` names it; else it is where " +
      "`ai-engine config path` says. A flag beats the environment, that beats the file, and the file " +
      "beats the default.",
      [
        "`ai-engine config check`: all that is wrong with it, with places.",
        "`ai-engine config show`: each setting, and where it comes from.",
        "`ai-engine config reload`: the running supervisor goes by what it says now.",
      ],
    ],
  },
  "exit-codes": {
    title: "Exit codes",
    blocks: [
      "Of several engines the highest counts.",
      EXIT_CODES.map(({ code, meaning }) => `${code}: ${meaning}.`),
    ],
  },
};

/** Markdown as people read it on a terminal. */
export function toPlainText(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").replaceAll("`", "");
}
