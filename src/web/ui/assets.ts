/**
 * The files that a page needs, embedded in the program. Their URLs carry a hash of their contents,
 * so a browser keeps them for ever and still never sees an old one.
 *
 * @module
 */
import client from "./client.js" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import style from "./style.css" with { type: "text" };
import words from "./words.js" with { type: "text" };

export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

/**
 * The browser gets one module. Its words are a module of their own here because the server says the
 * same things in the same words: their exports and the import of them fall away when they are joined.
 */
const SCRIPT = words.replaceAll(/^export (?=function )/gm, "") +
  client.replace(/^import \{[^}]*\} from "\.\/words\.js";$/m, "");

const FILES: Readonly<Record<string, Asset>> = {
  "client.js": { contentType: "text/javascript; charset=utf-8", text: SCRIPT },
  "icon.svg": { contentType: "image/svg+xml; charset=utf-8", text: icon },
  "style.css": { contentType: "text/css; charset=utf-8", text: style },
};

let knownHash: string | undefined;

/**
 * One hash for all of them: they change together, with the program. Taken when a page first wants it:
 * the loop is long enough for V8's optimizing compiler, whose code then stays in memory (4 MiB).
 */
function assetHash(): string {
  return knownHash ??= hashOf(Object.values(FILES).map(({ text }) => text).join("\0"));
}

/** Where `/assets/HASH/NAME` is served. */
export const ASSET_ROUTE = "/assets/:hash/:name";

export function assetUrl(name: "client.js" | "icon.svg" | "style.css"): string {
  return `/assets/${assetHash()}/${name}`;
}

/** `undefined` for what is not, or no longer, an asset. */
export function findAsset(hash: string, name: string): Asset | undefined {
  return hash === assetHash() && Object.hasOwn(FILES, name) ? FILES[name] : undefined;
}

/** FNV-1a over UTF-16 units, twice with different starts: it tells versions apart, no more. */
function hashOf(text: string): string {
  const halves = [0x811c9dc5, 0x01000193].map((start) => {
    let hash = start;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
  });
  return halves.join("");
}
