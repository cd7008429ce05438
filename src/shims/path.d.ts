/** Declarations for the part of `@std/path` that is used here: paths of the running system. */

export declare const DELIMITER: ":" | ";";
export declare const SEPARATOR: "/" | "\\";
export declare const SEPARATOR_PATTERN: RegExp;

export interface ParsedPath {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

export declare function basename(path: string | URL, suffix?: string): string;
/** The deepest directory that all of `paths` share, with a trailing separator. */
export declare function common(paths: readonly string[]): string;
export declare function dirname(path: string | URL): string;
/** With the dot. */
export declare function extname(path: string | URL): string;
export declare function format(path: Partial<ParsedPath>): string;
export declare function fromFileUrl(url: string | URL): string;
export declare function isAbsolute(path: string): boolean;
export declare function join(path: string | URL, ...paths: string[]): string;
export declare function normalize(path: string | URL): string;
export declare function parse(path: string): ParsedPath;
export declare function relative(from: string, to: string): string;
export declare function resolve(...paths: string[]): string;
export declare function toFileUrl(path: string): URL;
