/** What the panels for trying an engine out are made of, as data. */
import type { EngineView } from "../../../../core/mod.ts";

/** What can be tried besides an input. */
export interface Talents {
  /** Names of models to chat with. */
  readonly chat: readonly string[];
  /** The name of a model that compares two texts. */
  readonly likeness: string | null;
  /** There is a chat once somebody has a model for it: where to put it, and where others are. */
  readonly missing: {
    /** `null` = there can't be such a folder. */
    readonly modelsDir: string | null;
    readonly elsewhere: readonly { readonly model: string; readonly engine: string }[];
  } | null;
}

export interface TryModel {
  readonly view: Pick<EngineView, "name" | "state" | "since" | "usualStartMs">;
  readonly talents: Talents;
  /** Who sees the page has signed in; commands need a token. */
  readonly asksForTokens: boolean;
}
