/**
 * The files that pages need, embedded in the program. Their URLs carry a hash of their contents, so a
 * browser keeps them for ever and still never sees an old one.
 *
 * @module
 */
import call from "./browser/call.js" with { type: "text" };
import charts from "./browser/charts.js" with { type: "text" };
import chat from "./browser/chat.js" with { type: "text" };
import dom from "./browser/dom.js" with { type: "text" };
import engines from "./browser/engines.js" with { type: "text" };
import events from "./browser/events.js" with { type: "text" };
import live from "./browser/live.js" with { type: "text" };
import logs from "./browser/logs.js" with { type: "text" };
import main from "./browser/main.js" with { type: "text" };
import requests from "./browser/requests.js" with { type: "text" };
import rows from "./browser/rows.js" with { type: "text" };
import panel from "./browser/panel.js" with { type: "text" };
import view from "./browser/view.js" with { type: "text" };
import tryOut from "./browser/try.js" with { type: "text" };
import sharedStream from "./browser/shared_stream.js" with { type: "text" };
import stream from "./browser/stream.js" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import packedMain from "./packed_main.txt" with { type: "text" };
import parts from "./parts.css" with { type: "text" };
import { choosePacked, hashOf, joinModules, slimStyle, toServed } from "./served.ts";
import style from "./style.css" with { type: "text" };
import words from "./words.js" with { type: "text" };
import wordsLists from "./words_lists.js" with { type: "text" };
import wordsCharts from "./words_charts.js" with { type: "text" };
import wordsPlace from "./words_place.js" with { type: "text" };
import wordsTry from "./words_try.js" with { type: "text" };

export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

/** Modules that every page has, in one file (`deno task pack-ui`). */
export const JOINED: Readonly<Record<string, string>> = {
  words,
  dom,
  call,
  stream,
  shared_stream: sharedStream,
  live,
  engines,
  view,
  main,
};

/** Modules that are loaded where an element names them as its `data-module`, or another imports them. */
const MODULES: Readonly<Record<string, string>> = {
  charts,
  chat,
  panel,
  try: tryOut,
  words_charts: wordsCharts,
  words_place: wordsPlace,
  words_try: wordsTry,
  events,
  logs,
  requests,
  rows,
  words_lists: wordsLists,
};

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
};

const FILES = new Map<string, Asset>(
  Object.entries({
    "icon.svg": icon,
    "style.css": slimStyle(style),
    "parts.css": slimStyle(parts),
    "main.js": choosePacked(packedMain, joinModules(Object.values(JOINED))),
    ...toServed(MODULES, Object.keys(JOINED)),
  }).map(([name, text]) => [name, { text, contentType: TYPES[name.split(".")[1] ?? ""] ?? "" }]),
);

/** One for all of them: they change together, with the program. */
const HASH = hashOf([...FILES.values()].map(({ text }) => text).join("\0"));

export function assetUrl(name: string): string {
  if (!FILES.has(name)) throw new RangeError(`there is no file ${name}`);
  return `/assets/${HASH}/${name}`;
}

/** `undefined` for what is not, or no longer, an asset. */
export function findAsset(hash: string, name: string): Asset | undefined {
  return hash === HASH ? FILES.get(name) : undefined;
}
