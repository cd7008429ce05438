/**
 * A TypeScript program over the checkout that sees what Deno sees: the import map, npm packages from
 * Deno's cache, `@ts-types`, text imports, and the declarations of the running Deno.
 */
import { dirname, join, resolve } from "@std/path";
import ts from "typescript";
import { runCommand } from "./command.ts";

export interface ProgramOptions {
  /** The directory of deno.json, absolute. */
  readonly root: string;
  /** The modules to look at, absolute. */
  readonly files: readonly string[];
}

/** Files that exist only for the compiler. */
const DENO_TYPES = "/deno.d.ts";
const TEXT_MODULE = "/text_module.d.ts";

/** What Deno takes from its own copy of Node's declarations, which `deno types` leaves out. */
const NODE_GLOBALS = `
interface NodeTimer { ref(): this; unref(): this; hasRef(): boolean; [Symbol.toPrimitive](): number }
declare function setTimeout<A extends unknown[]>(f: (...args: A) => void, ms?: number, ...args: A): NodeTimer;
declare function setInterval<A extends unknown[]>(f: (...args: A) => void, ms?: number, ...args: A): NodeTimer;
declare function setImmediate<A extends unknown[]>(f: (...args: A) => void, ...args: A): object;
declare function clearImmediate(timer?: object): void;
declare function clearTimeout(timer?: NodeTimer | number): void;
declare function clearInterval(timer?: NodeTimer | number): void;
`;

/** What deno.json says of types, as far as it matters here. */
interface DenoConfig {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

export async function createProgram({ root, files }: ProgramOptions): Promise<ts.Program> {
  const config: DenoConfig = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const { output: denoTypes } = await runCommand([Deno.execPath(), "types"]);
  const options: ts.CompilerOptions = {
    ...ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    allowJs: true,
    maxNodeModuleJsDepth: 0,
    noEmit: true,
    skipLibCheck: true,
    lib: ["lib.esnext.d.ts"],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const made = new Map([
    [DENO_TYPES, denoTypes + NODE_GLOBALS],
    [TEXT_MODULE, "declare const text: string;\nexport default text;\n"],
  ]);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => made.has(path) || fileExists(path);
  host.readFile = (path) => made.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = made.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, ...rest)
      : ts.createSourceFile(path, text, rest[0], true);
  };
  const resolver = new Resolver(root, config, await packageDirectories(config));
  host.resolveModuleNameLiterals = (literals, from, _redirect, _options, source) =>
    literals.map((literal) => ({
      resolvedModule: resolver.resolve(literal, from, source) ??
        ts.resolveModuleName(literal.text, from, options, host).resolvedModule,
    }));
  return ts.createProgram([DENO_TYPES, ...files], options, host);
}

/** Finds modules where TypeScript by itself would not. */
class Resolver {
  readonly #root: string;
  readonly #config: DenoConfig;
  readonly #packages: ReadonlyMap<string, string>;

  constructor(root: string, config: DenoConfig, packages: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#config = config;
    this.#packages = packages;
  }

  /** `undefined` leaves it to TypeScript. */
  resolve(
    literal: ts.StringLiteralLike,
    from: string,
    source: ts.SourceFile,
  ): ts.ResolvedModuleFull | undefined {
    const statement = literal.parent;
    if (ts.isImportDeclaration(statement) && isText(statement)) return asModule(TEXT_MODULE);
    const declared = declaredTypes(statement, source);
    if (declared !== null) return asModule(join(dirname(from), declared));
    if (/^\.\.?\//.test(literal.text)) return undefined;
    const target = this.#map(literal.text);
    if (/^\.?\//.test(target)) return asModule(resolve(this.#root, target));
    return this.#resolvePackage(target);
  }

  /** What the import map makes of a specifier. */
  #map(specifier: string): string {
    const { imports } = this.#config;
    const whole = imports[specifier];
    if (whole !== undefined) return whole;
    const prefix = Object.keys(imports)
      .filter((key) => key.endsWith("/") && specifier.startsWith(key))
      .sort((a, b) => b.length - a.length)[0];
    return prefix === undefined ? specifier : imports[prefix] + specifier.slice(prefix.length);
  }

  #resolvePackage(target: string): ts.ResolvedModuleFull | undefined {
    const found = /^npm:\/?((?:@[^/]+\/)?[^/@]+)@[^/]+(\/.+)?$/.exec(target);
    const directory = this.#packages.get(found?.[1] ?? "");
    if (directory === undefined) return undefined;
    const types = typesOf(directory, `.${found?.[2] ?? ""}`);
    return types === undefined ? undefined : asModule(join(directory, types));
  }
}

function asModule(path: string): ts.ResolvedModuleFull {
  const extension = /(\.d)?\.[cm]?tsx?$/.exec(path)?.[0] ?? ts.Extension.Js;
  return { resolvedFileName: path, extension, isExternalLibraryImport: false };
}

/** `import text from "./x.css" with { type: "text" }` */
function isText(statement: ts.ImportDeclaration): boolean {
  return statement.attributes?.elements.some((one) =>
    one.name.text === "type" && ts.isStringLiteral(one.value) && one.value.text === "text"
  ) === true;
}

/** What `// @ts-types="…"` before a statement names; JSX brings imports without a place. */
function declaredTypes(statement: ts.Node, source: ts.SourceFile): string | null {
  if (statement.pos < 0) return null;
  const comments = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const last = comments.at(-1);
  if (last === undefined) return null;
  const text = source.text.slice(last.pos, last.end);
  return /^\/\/ @ts-types="(.+)"$/.exec(text)?.[1] ?? null;
}

/** The declarations of one entry of a package, by the `exports` of its package.json. */
function typesOf(directory: string, entry: string): string | undefined {
  const manifest = JSON.parse(Deno.readTextFileSync(join(directory, "package.json")));
  let target: unknown = manifest.exports?.[entry] ?? (entry === "." ? manifest : undefined);
  while (typeof target === "object" && target !== null) {
    const by: Readonly<Record<string, unknown>> = { ...target };
    target = by["types"] ?? by["typings"] ?? by["import"] ?? by["default"];
  }
  return typeof target === "string" ? target : undefined;
}

/** Where Deno keeps the packages of the import map: name → directory. */
async function packageDirectories(config: DenoConfig): Promise<Map<string, string>> {
  const { output } = await runCommand([Deno.execPath(), "info", "--json"]);
  const cache: string = JSON.parse(output).npmCache;
  const registries = (await Array.fromAsync(Deno.readDir(cache))).map((entry) => entry.name);
  const directories = new Map<string, string>();
  for (const target of Object.values(config.imports)) {
    const [, name, version] = /^npm:\/?((?:@[^/]+\/)?[^/@]+)@([^/]+)/.exec(target) ?? [];
    if (name === undefined || version === undefined) continue;
    for (const registry of registries) {
      const directory = join(cache, registry, name, version);
      if (await Deno.stat(directory).then(() => true, () => false)) {
        directories.set(name, directory);
      }
    }
  }
  return directories;
}
