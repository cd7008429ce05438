/** Which engines a supervisor has, what each of them is like, and what may be done to it. */
import { type Kind, KINDS, WELL } from "./kinds.ts";

export type Character =
  /** It fails in its ways, is killed, started and stopped. */
  | "bad"
  /** The same, and it is not always in the configuration. */
  | "passing"
  /** It serves well and is let alone: it keeps its process, and no request to it may be lost. */
  | "steady"
  /** It serves well and nobody kills it, but reloads change it: no request to it may be lost, either. */
  | "renewed";

/** What the configuration says of it, in the words of the file. */
export interface RoleSettings {
  readonly size?: { readonly memory: `${number}MiB` };
  readonly replicas?: { readonly min: number; readonly max: number };
  readonly slots?: number;
  readonly exclusive?: string;
  readonly liveness?: "restart";
  readonly keep?: "always";
  readonly pin?: true;
  readonly idleTimeout?: number;
  readonly startTimeout?: string;
  readonly drain?: { readonly timeout: string };
  readonly queue?: { readonly timeout: string };
  readonly limits?: Readonly<Record<"head" | "bodyIdle" | "input", string>>;
}

export interface Role {
  readonly name: string;
  readonly character: Character;
  /** Its processes draw from them. */
  readonly kinds: readonly Kind[];
  readonly settings: RoleSettings;
}

export interface Cast {
  readonly roles: readonly Role[];
  /** Memory of all of them together, by what they say they need; `null` = no limit. */
  readonly budgetMib: number | null;
}

/** One engine of all bad kinds, named by a flag: called as the program calls bad_engine.py. */
export const SOLO: Cast = {
  roles: [{ name: "bad_engine", character: "bad", kinds: KINDS, settings: {} }],
  budgetMib: null,
};

/** Waits for one that hangs, or that is stopped and takes no body, and for room, end while a client still waits. */
const BAD = {
  liveness: "restart",
  size: { memory: "100MiB" },
  startTimeout: "5s",
  drain: { timeout: "5s" },
  queue: { timeout: "5s" },
  limits: { head: "4s", bodyIdle: "4s", input: "5s" },
} as const;
const GOOD = {
  size: { memory: "50MiB" },
  keep: "always",
  pin: true,
  idleTimeout: -1,
  startTimeout: "30s",
} as const;
const ALONE = { ...BAD, exclusive: "card" } as const;
const PAIR: readonly Kind[] = ["ignores signals", "double-forks", "slow", "exits", WELL];

/** Many engines, of a configuration file. There is not always room for all that are wanted. */
export const TROUPE: Cast = {
  roles: [
    { name: "well", character: "steady", kinds: [WELL], settings: GOOD },
    { name: "renewed", character: "renewed", kinds: [WELL], settings: GOOD },
    { name: "bad", character: "bad", kinds: KINDS, settings: BAD },
    {
      name: "many",
      character: "bad",
      kinds: ["exits", "hangs", "answers garbage", "forks", "slow", WELL],
      settings: { ...BAD, replicas: { min: 2, max: 3 }, slots: 4 },
    },
    { name: "left", character: "bad", kinds: PAIR, settings: ALONE },
    { name: "right", character: "bad", kinds: PAIR, settings: ALONE },
    {
      name: "guest",
      character: "passing",
      kinds: ["exits", "forks", "double-forks", "stops itself", WELL],
      settings: BAD,
    },
  ],
  budgetMib: 600,
};

/** Whether nothing but the end of the supervisor may cost a request to it its answer. */
export function isReliable(character: Character): boolean {
  return character === "steady" || character === "renewed";
}

/** The engine in a run id, which is BOOT-NAME-SERIAL. */
export function engineOf(runId: string): string {
  return runId.slice(runId.indexOf("-") + 1, runId.lastIndexOf("-"));
}
