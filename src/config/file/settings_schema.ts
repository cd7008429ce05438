/**
 * Every setting of the file. The order is that of the documents.
 *
 * @module
 */
import { isEngineName } from "../../core/mod.ts";
import { refuse } from "../parsed.ts";
import type { Settings } from "../settings.ts";
import { group, list, map } from "./schema.ts";
import { listenAddress, socketPath } from "./values.ts";
import { DEFAULTS, ENGINE, type FileDefaults, type FileEngine } from "./engine_schema.ts";
import { ACCESS, BUDGET, LIMITS, LOGS, RELOAD, ROUTING, SWAP, TLS } from "./program_schema.ts";

/** The whole file, macros aside. */
export interface FileContent extends Omit<Settings, "engines"> {
  readonly defaults: FileDefaults;
  readonly engines: Readonly<Record<string, FileEngine>>;
}

/** The whole file. */
export const FILE_SCHEMA = group<FileContent>("a configuration", {
  listen: {
    key: "listen",
    summary: "Where the pages and the API are served: an address, port 0 takes a free one, or a " +
      "Unix socket; one or a list. With settings below it they are its `address`",
    below: "address",
    schema: list(listenAddress, { expects: "HOST:PORT or unix:PATH, one or a list" }),
    alsoCalled: ["address", "bind", "port", "host"],
  },
  tls: {
    key: "listen.tls",
    summary: "Speak TLS on all of these addresses but Unix sockets, and no plain HTTP",
    schema: TLS,
    fallback: "plain HTTP",
    alsoCalled: ["tls", "ssl", "https"],
  },
  control: {
    key: "control",
    summary: "The control socket of the supervisor",
    schema: socketPath,
    fallback: "control.sock in the runtime directory",
  },
  access: { key: "access", summary: "Who may ask for what", schema: ACCESS },
  limits: { key: "", summary: "The longest waits for clients", schema: LIMITS },
  routing: { key: "", summary: "How requests find their engine", schema: ROUTING },
  budget: { key: "budget", summary: "What engines may have at once", schema: BUDGET },
  swap: { key: "swap", summary: "How engines take turns where not all fit", schema: SWAP },
  reload: { key: "reload", summary: "When this file is read again", schema: RELOAD },
  logs: { key: "logs", summary: "What is told, and where", schema: LOGS, alsoCalled: ["log"] },
  defaults: {
    key: "defaults",
    summary: "What holds for every engine that does not set it itself",
    schema: DEFAULTS,
    alsoCalled: ["<<"],
  },
  engines: {
    key: "engines",
    summary: "Every engine by its name",
    schema: map(ENGINE, { name: "NAME", check: checkEngineName, isNeeded: true }),
    fallback: "the one that flags and environment name, else the best there is",
    alsoCalled: ["models", "services", "engine"],
  },
});

function checkEngineName(name: string) {
  if (isEngineName(name)) return null;
  const fix = "Take lower-case letters, digits and . _ - behind the first, at most 63";
  return refuse("which can't be an engine's name", fix, "my-engine");
}
