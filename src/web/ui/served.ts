/**
 * From modules and styles as they are written to what is served: joined where every page has them all,
 * and without comments and indentation.
 *
 * @module
 */

/** `import … from "…";` as `deno fmt` writes it, over several lines too. */
const IMPORT = /^import [^;]*? from "([^"]+)";\n/gm;

/**
 * One module out of several that share no name: they import only each other, so that their imports fall
 * away, and what they export stays exported.
 */
export function joinModules(texts: readonly string[]): string {
  return slim(texts.map((text) => text.replace(IMPORT, "")).join("\n"));
}

/**
 * Modules as files beside `main.js`. What they import is there too: by its own name, or out of `main.js`
 * where it was joined into that, so that there is one of each.
 */
export function toServed(
  modules: Readonly<Record<string, string>>,
  joined: readonly string[],
): Record<string, string> {
  const toFile = (name: string) => `${joined.includes(name) ? "main" : name}.js`;
  return Object.fromEntries(
    Object.entries(modules).map(([name, text]) => {
      const served = text.replace(IMPORT, (whole, from: string) => {
        const imported = from.split("/").at(-1)?.replace(/\.js$/, "") ?? "";
        return whole.replace(`"${from}"`, `"./${toFile(imported)}"`);
      });
      return [toFile(name), slim(served)];
    }),
  );
}

/** A style sheet without comments, and without spaces where they mean nothing; its texts hold none. */
export function slimStyle(text: string): string {
  return text
    .replaceAll(/\/\*(?:(?!\*\/)[^])*\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,>]) ?/g, "$1")
    .replaceAll(": ", ":")
    .replaceAll(";}", "}")
    .trim();
}

/**
 * A script as `deno fmt` leaves it, without the comments that have lines of their own and without
 * indentation. Line breaks stay, so that nothing else of it changes; a template literal of several lines
 * would.
 */
export function slim(text: string): string {
  return text
    .replaceAll(/^[ \t]*\/\*(?:(?!\*\/)[^])*\*\/[ \t]*\n/gm, "")
    .replaceAll(/^[ \t]*\/\/.*\n/gm, "")
    .replaceAll(/^\s+/gm, "");
}

/**
 * What `deno task pack-ui` made of `joined`, which is a third smaller; else, when it was made of something
 * else, `joined` itself.
 */
export function choosePacked(packed: string, joined: string): string {
  const head = packedHead(joined);
  return packed.startsWith(head) ? packed.slice(head.length) : joined;
}

/** The first line of what was made of `joined`. */
export function packedHead(joined: string): string {
  return `// ${hashOf(joined)}\n`;
}

/** FNV-1a over UTF-16 units, twice with different starts: it tells versions apart, no more. */
export function hashOf(text: string): string {
  const halves = [0x811c9dc5, 0x01000193].map((start) => {
    let hash = start;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
  });
  return halves.join("");
}
