/** Groups of settings of an engine. */
import { refuse } from "../parsed.ts";
import type { EnvironmentSettings, ModelSettings, ReadySettings } from "../settings.ts";
import { group, list, map } from "./schema.ts";
import { linePattern, oneOf, text } from "./values.ts";

/** The only word for no limits of what is inherited. */
const ALL = "all";

export const ENVIRONMENT = group<EnvironmentSettings>("an engine's environment", {
  inherit: {
    key: "inherit",
    summary: "What it gets of the supervisor's own environment: all, or these variables",
    schema: list(text("a variable's name"), { expects: "all, or names of variables", word: ALL }),
  },
  set: {
    key: "set",
    summary: "Variables added to it, or instead of what is there",
    schema: map(text("a text", { isFilledAtStart: true }), {
      name: "NAME",
      check: (name) =>
        /^[^=\0]+$/.test(name)
          ? null
          : refuse("which no variable can be called", "Take letters, digits and _", "HF_HOME"),
    }),
    fallback: "none",
    alsoCalled: ["env", "variables"],
  },
});

export const READY = group<ReadySettings>("how it is known that an engine can serve", {
  by: {
    key: "by",
    summary: "health: its health path answers 200. accept: it takes a connection",
    schema: oneOf("health", "accept"),
  },
  line: {
    key: "line",
    summary: "It has printed a line with this text in it (/…/ is a regular expression) and takes " +
      "connections; nothing else is asked then",
    schema: linePattern,
    fallback: "nothing: what it prints says nothing",
    alsoCalled: ["log", "output", "pattern"],
  },
}, { short: "by" });

export const MODEL = group<ModelSettings>("a model", {
  name: {
    key: "name",
    summary: "What clients call it, in any case; * stands for any characters",
    schema: text("a name"),
    isNeeded: true,
    alsoCalled: ["id"],
  },
  aliases: {
    key: "aliases",
    summary: "What else they may call it",
    schema: list(text("a name"), { expects: "names" }),
    fallback: "none",
    alsoCalled: ["alias"],
  },
  upstreamModel: {
    key: "upstreamModel",
    summary: "What the engine itself calls it; put into the body instead",
    schema: text("a name"),
    fallback: "what the client said",
    alsoCalled: ["useModelName"],
  },
}, { short: "name" });
