/** The kinds of values: how they are read and written. */
import { resolve } from "@std/path";
import { parseDuration } from "../../core/mod.ts";
import { formatListen, parseListen } from "../parse_listen.ts";
import { MAX_DURATION_MS, parseIdleTimeout } from "../parse_duration.ts";
import { accept, type Parsed, refuse } from "../parsed.ts";
import { toLineTest } from "../line_test.ts";
import { parseRemoteUrl } from "../remote_address.ts";
import { parseHealthPath, parsePath } from "../read_settings.ts";
import type { ListenAddress, LogTarget } from "../settings.ts";
import { MAX_SOCKET_PATH_BYTES } from "../socket_path.ts";
import type { JsonSchema, ReadContext, SchemaOf, ValueSchema, Written } from "./schema.ts";

interface ValueOptions<T> {
  readonly expects: string;
  readonly json: JsonSchema;
  readonly read: (text: string, context: ReadContext) => Parsed<T>;
  readonly write?: (value: T) => Written;
  readonly isFilledAtStart?: boolean;
}

function value<T extends string | number | boolean>(
  options: ValueOptions<T>,
): SchemaOf<T> & ValueSchema;
function value<T>(
  options: ValueOptions<T> & Required<Pick<ValueOptions<T>, "write">>,
): SchemaOf<T> & ValueSchema;
function value<T>(options: ValueOptions<T>): SchemaOf<T> & ValueSchema {
  const { write = (value) => value as Written } = options;
  return { kind: "value", ...options, write: (value) => write(value as T) };
}

/** Any text of one line or more. */
export function text(
  expects: string,
  options: Pick<ValueOptions<string>, "isFilledAtStart"> = {},
): SchemaOf<string> & ValueSchema {
  return value({
    expects,
    json: { type: ["string", "number", "boolean"] },
    read: (text) =>
      text.includes("\0")
        ? refuse("which has a NUL in it", "Take the NUL out", "text")
        : accept(text),
    ...options,
  });
}

export function oneOf<T extends string>(...words: readonly T[]): SchemaOf<T> & ValueSchema {
  const all = words.join(", ");
  return value({
    expects: `one of ${all}`,
    json: { enum: words },
    read(text) {
      const word = words.find((one) => one === text);
      if (word !== undefined) return accept(word);
      return refuse("which is none of the words for it", `Take one of ${all}`, words[0] ?? "");
    },
  });
}

export function yesNo(): SchemaOf<boolean> & ValueSchema {
  return value({
    expects: "true or false",
    json: { type: "boolean" },
    read(text) {
      if (text === "true") return accept(true);
      if (text === "false") return accept(false);
      return refuse("which is neither true nor false", "Take one of the two", "true");
    },
  });
}

/** A whole number. */
export function integer({ min, max, example }: {
  readonly min: number;
  readonly max: number;
  readonly example: number;
}): SchemaOf<number> & ValueSchema {
  const range = `from ${min} to ${max}`;
  return value({
    expects: `a whole number ${range}`,
    json: { type: "integer", minimum: min, maximum: max },
    read(text) {
      const number = Number(text);
      const isOne = /^[+-]?\d{1,15}$/.test(text) && number >= min && number <= max;
      if (isOne) return accept(number);
      return refuse(`where a whole number ${range} is expected`, "Take one of these", `${example}`);
    },
  });
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)?$";

/** Milliseconds in the largest unit that needs no fraction. */
function writeDuration(ms: number): string | number {
  if (ms <= 0) return ms;
  const unit = Object.entries(UNITS).findLast(([, size]) => ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}

/** Milliseconds. */
export function duration({ min, example }: {
  /** In milliseconds. */
  readonly min: number;
  readonly example: string;
}): SchemaOf<number> & ValueSchema {
  return value({
    expects: "a duration",
    json: { anyOf: [{ type: "string", pattern: DURATION }, { type: "number", minimum: 0 }] },
    read(text) {
      const ms = parseDuration(text);
      const fix = "Write a number and a unit (ms, s, m, h, d)";
      if (ms === undefined) return refuse("which is not a duration", fix, example);
      if (ms < min) return refuse("which is too short", `Give at least ${min}ms`, example);
      if (ms > MAX_DURATION_MS) return refuse("which is over 24 days", "Give at most 24d", example);
      return accept(ms);
    },
    write: writeDuration,
  });
}

export const idleTimeout = value({
  expects: "a duration, or -1 for never",
  json: {
    anyOf: [{ type: "string", pattern: `${DURATION}|^-1$` }, { type: "number", minimum: -1 }],
  },
  read: parseIdleTimeout,
  write: writeDuration,
});

/** Each a thousand, or 1024, of the one before. */
const PREFIXES = "kMGT";

/** Bytes. */
export function size({ min, max = Number.MAX_SAFE_INTEGER, example }: {
  readonly min: number;
  readonly max?: number;
  readonly example: string;
}): SchemaOf<number> & ValueSchema {
  return value({
    expects: "a size",
    json: {
      anyOf: [
        { type: "string", pattern: "^[0-9]+(\\.[0-9]+)? ?([kKMGT]i?)?B?$" },
        { type: "integer", minimum: min },
      ],
    },
    read(text) {
      const bytes = parseSize(text);
      const fix = "Write a number and a unit (kB, MB, GB, KiB, MiB, GiB)";
      if (bytes === undefined) return refuse("which is not a size", fix, example);
      if (bytes < min) return refuse("which is too little", `Give at least ${min}`, example);
      return bytes > max
        ? refuse("which is too much", `Give at most ${max}`, example)
        : accept(bytes);
    },
    write: writeSize,
  });
}

/** `16GiB`, `1.5 GB`, `512M` (MiB, as systemd and Docker have it), a bare number of bytes. */
function parseSize(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?) ?(?:([kKMGT])(i?B)?|B)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, number, prefix, rest] = match;
  const power = prefix === undefined ? 0 : PREFIXES.indexOf(prefix.replace("K", "k")) + 1;
  const bytes = Math.round(Number(number) * (rest === "B" ? 1_000 : 1_024) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in the largest unit that needs no fraction. */
function writeSize(bytes: number): string | number {
  for (let power = bytes === 0 ? 0 : PREFIXES.length; power > 0; power--) {
    const prefix = PREFIXES.charAt(power - 1);
    if (bytes % 1_024 ** power === 0) return `${bytes / 1_024 ** power}${prefix.toUpperCase()}iB`;
    if (bytes % 1_000 ** power === 0) return `${bytes / 1_000 ** power}${prefix}B`;
  }
  return bytes;
}

/** An absolute path; relative ones begin at the folder of the file. */
export function path(expects: string): SchemaOf<string> & ValueSchema {
  return value({
    expects,
    json: { type: "string", minLength: 1 },
    read(text, { dir }) {
      const parsed = parsePath(text);
      return parsed.ok ? accept(resolve(dir, text)) : parsed;
    },
  });
}

export const socketPath = value({
  expects: "the path of a Unix socket",
  json: { type: "string", minLength: 1 },
  read: readSocketPath,
});

function readSocketPath(text: string, { dir }: ReadContext): Parsed<string> {
  const parsed = parsePath(text);
  if (!parsed.ok) return parsed;
  const path = resolve(dir, text);
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return accept(path);
  const why = `which comes to ${bytes} bytes, where at most ${MAX_SOCKET_PATH_BYTES} fit`;
  return refuse(why, "Take a shorter path", "/tmp/engine.sock");
}

export const listenAddress = value<ListenAddress>({
  expects: "HOST:PORT or unix:PATH",
  json: { type: "string" },
  read(text, context) {
    const parsed = parseListen(text);
    if (!parsed.ok || parsed.value.kind === "tcp") return parsed;
    const path = readSocketPath(parsed.value.path, context);
    return path.ok ? accept({ kind: "unix", path: path.value }) : path;
  },
  write: formatListen,
});

export const logTarget = value<LogTarget>({
  expects: "a path, or - for stderr",
  json: { type: "string", minLength: 1 },
  read(text, { dir }) {
    if (text === "-") return accept({ kind: "stderr" });
    const parsed = parsePath(text);
    return parsed.ok ? accept({ kind: "file", path: resolve(dir, text) }) : parsed;
  },
  write(target) {
    if (target.kind === "file") return target.path;
    return target.kind === "stderr" ? "-" : null;
  },
});

export const healthPath = value({
  expects: "the path of a request",
  json: { type: "string", pattern: "^/" },
  read: parseHealthPath,
});

/** A text, or a regular expression between slashes. */
export const linePattern = value({
  expects: "a text, or a regular expression between slashes",
  json: { type: "string", minLength: 1 },
  read(text) {
    const example = "listening on";
    if (text === "" || text.includes("\n")) {
      return refuse("which no line has in it", "Take some of one line", example);
    }
    try {
      toLineTest(text);
      return accept(text);
    } catch {
      return refuse("which is no regular expression", "Correct it", example);
    }
  },
});

export const remoteUrl = value({
  expects: "a URL of http or https",
  json: { type: "string", pattern: "^https?://" },
  read: parseRemoteUrl,
});

/** What may stand behind the name of a header. */
export const headerValue = value({
  expects: "a header's value",
  json: { type: ["string", "number"] },
  read: (text) =>
    /^[\x20-\x7e\x80-\xff]*$/.test(text) && text === text.trim()
      ? accept(text)
      : refuse("which can't be sent", "Take one line, without spaces around it", "Bearer abc"),
});

/** A name by which clients may ask for us. */
export const hostName = value({
  expects: "a host name without a port",
  json: { type: "string", pattern: "^[A-Za-z0-9._-]+$" },
  read: (text) =>
    /^[a-z0-9._-]{1,253}$/i.test(text)
      ? accept(text.toLowerCase())
      : refuse("which is no host name", "Leave scheme, port and path away", "ai.example.com"),
});

export const webOrigin = value({
  expects: "an origin: scheme, host, perhaps a port",
  json: { type: "string", pattern: "^https?://[^/]+$" },
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text.toLowerCase()) {
      return accept(url.origin);
    }
    const fix = "Name each by scheme and host, without a path, a slash at the end or *";
    return refuse("which is no origin as browsers write it", fix, "https://chat.example.com");
  },
});
