/**
 * A file of llama-swap to one of ours, and what of it has no equal.
 *
 * @module
 */
import { ConfigFileError } from "../../config_fault.ts";
import { decodeConfig } from "../decode_config.ts";
import { FaultList } from "../node.ts";
import { parseYaml } from "../parse_yaml.ts";
import { SOCKET } from "../substitute.ts";
import { expand, type Macros, onSocket, socketFlagOf, withoutComments } from "./commands.ts";
import { importPeer } from "./peers.ts";
import { isMap, listAt, mapAt, type Plain, type PlainMap, textAt, toPlain } from "./plain.ts";
import { type WritableMap, writeYaml } from "./write_yaml.ts";

/** Something that was not taken over as it was. */
export interface ImportNote {
  /** Where it stands in the file, e.g. `models.qwen.filters`. */
  readonly at: string;
  /** What became of it: a sentence. */
  readonly says: string;
}

export interface Imported {
  /** A file of ours; what was not taken over stands in it as comments. */
  readonly text: string;
  readonly notes: readonly ImportNote[];
}

/** Reads a file of llama-swap. Throws `ConfigFileError` when it is no YAML. */
export function importLlamaSwap(bytes: Uint8Array, path: string): Imported {
  const faults = new FaultList();
  const text = decodeConfig(bytes, faults);
  const root = text === null ? null : parseYaml(text, faults);
  const file = root === null ? null : toPlain(root);
  if (!isMap(file ?? undefined)) throw new ConfigFileError(path, faults.all);
  return new Importer(file as PlainMap).import();
}

/** What of the whole file we have nothing for, and why. */
const NO_EQUAL: ReadonlyMap<string, string> = new Map(Object.entries({
  apiKeys: "not taken over: put each into a file for access.tokenFile as a line `inference TOKEN`",
  matrix: "no equal: say with exclusive or a budget which engines may run side by side",
  profiles: "no equal: name the model in each request",
  selectors: "no equal",
  routing: "no equal",
  logTimeFormat: "no equal: times are as RFC 3339 has them",
  logToStdout: "no equal: what engines print goes to stderr and to files",
  metricsMaxInMemory: "no equal",
  captureBuffer: "no equal: bodies are not kept",
  performance: "no equal",
  startPort: "not needed: engines listen on Unix sockets",
  sendLoadingState: "no equal: a request waits, and GET /api/events tells why",
  includeAliasesInList: "no equal",
}));

/** The same of a model. */
const MODEL_NO_EQUAL: ReadonlyMap<string, string> = new Map(Object.entries({
  filters: "no equal: bodies are sent on as they are",
  name: "no equal: models are listed by their names",
  description: "no equal",
  metadata: "no equal",
  capabilities: "no equal",
  unlisted: "no equal: every model is listed",
  sendLoadingState: "no equal: a request waits, and GET /api/events tells why",
  timeouts: "not taken over: limits.connect and limits.head of the engine are what is nearest",
  compat: "no equal",
}));

const TAKEN = [
  "models",
  "macros",
  "groups",
  "hooks",
  "peers",
  "healthCheckTimeout",
  "globalTTL",
  "logLevel",
  "unloadTimeout",
];
const MODEL_TAKEN = [
  "cmd",
  "cmdStop",
  "macros",
  "aliases",
  "env",
  "proxy",
  "checkEndpoint",
  "ttl",
  "useModelName",
  "concurrencyLimit",
  "unloadTimeout",
];

const PEER_TAKEN = ["proxy", "apiKey", "models"];

/** Seconds, as llama-swap has them. */
const DEFAULT_START = "120";
const DEFAULT_GRACE = "10";

class Importer {
  readonly #file: PlainMap;
  readonly #macros: Macros;
  readonly #notes: ImportNote[] = [];
  readonly #names = new Set<string>();
  readonly #groups: ReadonlyMap<string, Group>;
  /** Models that are started with the program. */
  readonly #preloaded: ReadonlySet<string>;

  constructor(file: PlainMap) {
    this.#file = file;
    this.#macros = textsOf(mapAt(file, "macros"));
    this.#groups = groupsOf(mapAt(file, "groups"));
    const preload = listAt(mapAt(mapAt(file, "hooks"), "on_startup"), "preload");
    this.#preloaded = new Set(preload.flatMap((id) => typeof id === "string" ? [id] : []));
  }

  import(): Imported {
    this.#noteOthers(this.#file, { at: "", taken: TAKEN, reasons: NO_EQUAL });
    this.#noteGroups();
    this.#noteHooks();
    const engines: Record<string, WritableMap> = {};
    const waiting: string[] = [];
    for (const [id, model] of Object.entries(mapAt(this.#file, "models"))) {
      if (!isMap(model)) continue;
      const name = this.#engineName(id);
      const { engine, why } = this.#engine(id, model);
      if (why === null) engines[name] = engine;
      else {
        this.#note(`models.${id}`, why);
        waiting.push(...writeYaml({ [name]: engine }, "  ").map((line) => `#${line}`));
      }
    }
    this.#addPeers(engines);
    return { text: this.#write(engines, waiting), notes: this.#notes };
  }

  #write(engines: Readonly<Record<string, WritableMap>>, waiting: readonly string[]): string {
    const ttl = textAt(this.#file, "globalTTL") ?? "0";
    const level = textAt(this.#file, "logLevel");
    const macros = Object.entries(this.#macros).filter(([, text]) => !text.includes("${PORT}"))
      .filter(([name]) => isUsed(name, [...Object.values(this.#macros), ...commandsOf(engines)]));
    const settings: WritableMap = {
      macros: macros.length === 0 ? undefined : Object.fromEntries(macros),
      logs: level === undefined ? undefined : { level },
      defaults: {
        startTimeout: `${textAt(this.#file, "healthCheckTimeout") ?? DEFAULT_START}s`,
        grace: `${textAt(this.#file, "unloadTimeout") ?? DEFAULT_GRACE}s`,
        idleTimeout: toIdleTimeout(ttl),
      },
      engines: Object.keys(engines).length === 0 ? undefined : engines,
    };
    const notes = this.#notes.map(({ at, says }) => oneLine(`# - ${at}: ${says}`));
    return [
      "# From a file of llama-swap, by `ai-engine config import llama-swap`.",
      ...(notes.length === 0 ? [] : ["# What is not as it was there:", ...notes]),
      "",
      ...writeYaml(settings),
      ...(waiting.length === 0 ? [] : ["", "# Engines that can't be run yet:", ...waiting]),
      "",
    ].join("\n");
  }

  /** The engine of a model; `why` it can't be run yet, or `null`. */
  #engine(id: string, model: PlainMap): { engine: WritableMap; why: string | null } {
    const at = `models.${id}`;
    this.#noteOthers(model, { at, taken: MODEL_TAKEN, reasons: MODEL_NO_EQUAL });
    const { command, port, why } = this.#command(id, model);
    const check = textAt(model, "checkEndpoint");
    const limit = textAt(model, "concurrencyLimit");
    const slots = limit === undefined || limit === "0" ? undefined : Number(limit);
    if (slots !== undefined) {
      this.#note(`${at}.concurrencyLimit`, "became slots: more requests wait instead of a 429");
    }
    const ttl = textAt(model, "ttl");
    const grace = textAt(model, "unloadTimeout");
    return {
      engine: {
        command,
        stopCommand: this.#stopCommand(id, model),
        port,
        environment: this.#environment(id, model),
        healthPath: check === "none" || check === undefined
          ? undefined
          : expand(check, this.#macrosOf(id, model)),
        ready: check === "none" ? "accept" : undefined,
        idleTimeout: ttl === undefined || ttl === "-1" ? undefined : toIdleTimeout(ttl),
        grace: grace === undefined ? undefined : `${grace}s`,
        slots,
        keep: this.#preloaded.has(id) ? "always" : undefined,
        ...placeInGroup(this.#groups.get(id)),
        models: [{
          name: id,
          aliases: aliasesOf(model),
          upstreamModel: textAt(model, "useModelName"),
        }],
      },
      why,
    };
  }

  #command(id: string, model: PlainMap): ImportedCommand {
    const cmd = withoutComments(textAt(model, "cmd") ?? "");
    const own = textsOf(mapAt(model, "macros"));
    const macros = this.#macrosOf(id, model);
    const whole = expand(cmd, macros);
    const flag = socketFlagOf(whole);
    if (cmd === "") return { command: cmd, why: "it has no cmd, so nothing can be run" };
    if (flag === undefined) return onPort(whole, expand(textAt(model, "proxy") ?? "", macros));
    // Macros stay where the command means the same with them.
    const isOwn = Object.keys(own).length > 0 || expand(cmd, this.#macros).includes("${MODEL_ID}");
    const hasPort = Object.entries(this.#macros).some(([name, text]) =>
      expand(text, this.#macros).includes("${PORT}") && isUsed(name, [cmd])
    );
    const text = onSocket(isOwn || hasPort ? whole : cmd, flag);
    return {
      command: text.includes(SOCKET) ? text : `${text.trimEnd()} ${flag} ${SOCKET}`,
      why: null,
    };
  }

  #stopCommand(id: string, model: PlainMap): string | undefined {
    const stop = textAt(model, "cmdStop");
    if (stop === undefined) return undefined;
    const whole = expand(withoutComments(stop), this.#macrosOf(id, model));
    if (!whole.includes("${PID}")) return whole;
    this.#note(`models.${id}.cmdStop`, "not taken over: ${PID} has no equal; SIGTERM is sent");
    return undefined;
  }

  #noteGroups(): void {
    for (const { name, swap, exclusive, persistent } of new Set(this.#groups.values())) {
      if (swap && exclusive && !persistent) continue;
      const says = "became exclusive and pin; which other groups it stops, and which stop it, " +
        "has no full equal";
      this.#note(`groups.${name}`, says);
    }
  }

  #noteHooks(): void {
    const others = Object.keys(mapAt(this.#file, "hooks")).filter((name) => name !== "on_startup");
    for (const name of others) this.#note(`hooks.${name}`, "no equal");
    if (this.#preloaded.size === 0) return;
    const says = `became keep: always of ${[...this.#preloaded].join(", ")}, ` +
      "which has no idle stop, and is started again when it ends";
    this.#note("hooks", says);
  }

  /** Engines elsewhere, for models that no engine here serves. */
  #addPeers(engines: Record<string, WritableMap>): void {
    const models = Object.entries(mapAt(this.#file, "models"));
    const served = new Set(
      models.flatMap(([id, model]) => [id, ...(isMap(model) ? aliasesOf(model) ?? [] : [])])
        .map((name) => name.toLowerCase()),
    );
    for (const [id, peer] of Object.entries(mapAt(this.#file, "peers"))) {
      if (!isMap(peer)) continue;
      const at = `peers.${id}`;
      const { engine, notes } = importPeer(peer, { macros: this.#macros, served });
      for (const says of notes) this.#note(at, says);
      this.#noteOthers(peer, { at, taken: PEER_TAKEN, reasons: MODEL_NO_EQUAL });
      if (engine !== null) engines[this.#engineName(id)] = engine;
    }
  }

  /** What stands for what in the settings of a model. */
  #macrosOf(id: string, model: PlainMap): Macros {
    return { ...this.#macros, ...textsOf(mapAt(model, "macros")), MODEL_ID: id };
  }

  #environment(id: string, model: PlainMap): WritableMap | undefined {
    const macros = this.#macrosOf(id, model);
    const variables = listAt(model, "env").flatMap((line) => {
      const text = typeof line === "string" ? expand(line, macros) : "";
      const match = /^([^=]+)=([^]*)$/.exec(text);
      return match === null ? [] : [[match[1] ?? "", match[2] ?? ""] as const];
    });
    return variables.length === 0 ? undefined : { set: Object.fromEntries(variables) };
  }

  #noteOthers(
    map: PlainMap,
    { at, taken, reasons }: {
      readonly at: string;
      readonly taken: readonly string[];
      readonly reasons: ReadonlyMap<string, string>;
    },
  ): void {
    for (const key of Object.keys(map)) {
      if (taken.includes(key)) continue;
      this.#note(at === "" ? key : `${at}.${key}`, reasons.get(key) ?? "not known here");
    }
  }

  #note(at: string, says: string): void {
    this.#notes.push({ at, says: `${says}.` });
  }

  /** The model's name made fit; no two are the same. */
  #engineName(id: string): string {
    const fit = id.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-").replace(/^[._-]+/, "");
    const base = fit.slice(0, 60) || "engine";
    let name = base;
    for (let count = 2; this.#names.has(name); count++) name = `${base}-${count}`;
    this.#names.add(name);
    return name;
  }
}

interface ImportedCommand {
  readonly command: string;
  /** Where it listens, when it says so itself. */
  readonly port?: number;
  /** Why it can't be run; `null` = it can. */
  readonly why: string | null;
}

/** A program that is not known listens where it did: on the port we give it, or on its own. */
function onPort(command: string, proxy: string): ImportedCommand {
  const { hostname, port } = URL.canParse(proxy) ? new URL(proxy) : { hostname: "", port: "" };
  const isHere = ["", "localhost", "127.0.0.1", "[::1]", "0.0.0.0"].includes(hostname);
  if (!isHere) {
    return {
      command,
      why: `it is asked at ${hostname}; where it runs by itself, put url in the place of command`,
    };
  }
  if (command.includes("${PORT}")) return { command, why: null };
  if (port !== "") return { command, port: Number(port), why: null };
  return { command, why: "neither cmd nor proxy says on which port it listens" };
}

/** Which engines of llama-swap run side by side. */
interface Group {
  readonly name: string;
  /** One of its engines at a time. */
  readonly swap: boolean;
  /** Its engines stop those of other groups. */
  readonly exclusive: boolean;
  /** Its engines are not stopped by those of others. */
  readonly persistent: boolean;
}

/** By engine. */
function groupsOf(groups: PlainMap): ReadonlyMap<string, Group> {
  const members = new Map<string, Group>();
  for (const [name, value] of Object.entries(groups)) {
    if (!isMap(value)) continue;
    const group = {
      name,
      swap: textAt(value, "swap") !== "false",
      exclusive: textAt(value, "exclusive") !== "false",
      persistent: textAt(value, "persistent") === "true",
    };
    for (const id of listAt(value, "members")) if (typeof id === "string") members.set(id, group);
  }
  return members;
}

/** An engine in no group of llama-swap's runs alone. */
function placeInGroup(group: Group | undefined): WritableMap {
  if (group === undefined) return { exclusive: "llama-swap" };
  const pin = group.persistent ? true : undefined;
  if (!group.swap) return { pin };
  return { pin, exclusive: group.exclusive && !group.persistent ? "llama-swap" : group.name };
}

function textsOf(map: PlainMap): Macros {
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, text]) => typeof text === "string" ? [[name, text]] : []),
  );
}

function aliasesOf(model: PlainMap): readonly string[] | undefined {
  const ids = listAt(model, "aliases").flatMap((alias: Plain) => {
    const id = isMap(alias) ? textAt(alias, "id") : alias;
    return typeof id === "string" ? [id] : [];
  });
  return ids.length === 0 ? undefined : ids;
}

/** 0 is never there, -1 here. */
function toIdleTimeout(seconds: string): number | string {
  return seconds === "0" ? -1 : `${seconds}s`;
}

function isUsed(name: string, texts: readonly string[]): boolean {
  return texts.some((text) => text.includes(`\${${name}}`));
}

function commandsOf(engines: Readonly<Record<string, WritableMap>>): readonly string[] {
  return Object.values(engines).map(({ command }) => String(command));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
