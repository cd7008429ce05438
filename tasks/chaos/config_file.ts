/** The configuration file of a supervisor with many engines, as its reloads leave it. */
import { join } from "@std/path";
import { type Role, TROUPE } from "./cast.ts";
import { type Kind, WELL } from "./kinds.ts";

export interface ConfigFileOptions {
  /** A directory; each engine has one in it. */
  readonly home: string;
  readonly enginePath: string;
  /** What the engines' dice come from. */
  readonly seed: string;
  /** Those that can be had. */
  readonly kinds: readonly Kind[];
}

/** What is wrong in files that have to change nothing. */
export const FLAWS = [
  "a setting that does not exist",
  "a program that is not there",
  "no engine",
  "half of it",
  "no file",
] as const;

export type Flaw = typeof FLAWS[number];

const HEAD = `listen: 127.0.0.1:0
budget: {memory: ${TROUPE.budgetMib}MiB}
swap: {maxWait: 2s, minStay: 1s}
defaults:
  idleTimeout: 1s
  grace: 500ms
`;

/** What reloads change. */
interface Edition {
  /** What the engine called `renewed` finds in its environment as `CHAOS_REVISION`. */
  readonly revision: number;
  /** Whether the engine is in it that is not always there. */
  readonly hasGuest: boolean;
}

export class ConfigFile {
  readonly path: string;
  readonly #options: ConfigFileOptions;
  #edition: Edition = { revision: 0, hasGuest: true };

  constructor(options: ConfigFileOptions) {
    this.#options = options;
    this.path = join(options.home, "ai-engine.yaml");
  }

  get revision(): string {
    return String(this.#edition.revision);
  }

  /** The engines that are in it. */
  get roles(): readonly Role[] {
    return rolesOf(this.#edition);
  }

  changeEnvironment(): void {
    this.#edition = { ...this.#edition, revision: this.#edition.revision + 1 };
  }

  /** Takes the engine out that is not always there, or puts it back. */
  toggleGuest(): void {
    this.#edition = { ...this.#edition, hasGuest: !this.#edition.hasGuest };
  }

  async write(): Promise<void> {
    await this.#put(this.#textOf(this.#edition));
  }

  /** What it would change is to be seen, should it change anything. */
  async spoil(flaw: Flaw): Promise<void> {
    const { revision, hasGuest } = this.#edition;
    if (flaw === "no file") return await Deno.remove(this.path);
    const text = this.#textOf({ revision: revision + 1, hasGuest: !hasGuest });
    await this.#put(spoiled(text, flaw));
  }

  /** Beside and renamed, as editors do. */
  async #put(text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}~`, text);
    await Deno.rename(`${this.path}~`, this.path);
  }

  #textOf(edition: Edition): string {
    // JSON is YAML.
    const engines = rolesOf(edition).map((role) =>
      `  ${role.name}: ${JSON.stringify(this.#settingsOf(role, edition))}\n`
    );
    return `${HEAD}engines:\n${engines.join("")}`;
  }

  #settingsOf({ name, character, kinds, settings }: Role, { revision }: Edition) {
    const { home, enginePath, seed, kinds: possible } = this.#options;
    const set = {
      CHAOS_HOME: join(home, name),
      CHAOS_SEED: `${seed}/${name}`,
      CHAOS_KINDS: kinds.filter((kind) => kind === WELL || possible.includes(kind)).join(","),
      ...(character === "renewed" ? { CHAOS_REVISION: String(revision) } : {}),
    };
    return { command: [enginePath], environment: { set }, ...settings };
  }
}

function rolesOf({ hasGuest }: Edition): readonly Role[] {
  return TROUPE.roles.filter(({ character }) => hasGuest || character !== "passing");
}

/** A text with errors in it. */
export function spoiled(text: string, flaw: Exclude<Flaw, "no file">): string {
  switch (flaw) {
    case "a setting that does not exist":
      return text.replace("grace", "graec");
    case "a program that is not there":
      return `${text}  more: {command: /not/there}\n`;
    case "no engine":
      return `${HEAD}engines: {}\n`;
    case "half of it":
      return text.slice(0, text.lastIndexOf("}") >> 1);
  }
}
