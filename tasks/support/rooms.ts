/** The arrows of docs/architecture.md: who may import whom. */

/** `interface` stands for `import type`, `value` for anything. */
export type Arrow = "value" | "interface";

/** Each room with the rooms it may import. Besides, every room may import `core`. */
export const ARROWS: Readonly<Record<string, Readonly<Record<string, Arrow>>>> = {
  core: {},
  http1: {},
  lifecycle: {},
  balance: {},
  config: {},
  events: {},
  update: {},
  platform: {},
  access: { http1: "value", config: "interface" },
  pool: { http1: "value", config: "interface" },
  frames: { http1: "value" },
  observe: { events: "value", config: "interface" },
  supervisor: {
    lifecycle: "value",
    balance: "value",
    pool: "value",
    frames: "value",
    config: "value",
    events: "value",
  },
  gateway: {
    http1: "value",
    access: "value",
    pool: "value",
    events: "value",
    supervisor: "interface",
    config: "interface",
  },
  front: {
    http1: "value",
    access: "value",
    gateway: "value",
    events: "value",
    config: "interface",
  },
  web: {
    supervisor: "interface",
    access: "value",
    events: "value",
    observe: "value",
    config: "value",
  },
  cli: { pool: "value", config: "value", update: "value", web: "interface" },
};

/** Packages beside the standard library, and the rooms that know them. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  hono: ["web"],
  yaml: ["config"],
};

/** Parts of a room that may see less than the room. */
export const BLIND: readonly { readonly part: string; readonly to: string }[] = [
  { part: "src/web/ui/", to: "supervisor" },
];
