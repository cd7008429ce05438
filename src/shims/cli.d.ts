/** Declarations for `parseArgs` of `@std/cli`. */

/** `B`, `S` and `C` are the names of boolean, string and repeatable flags, `D` the defaults. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  D extends object = object,
> {
  /** Other names of a flag; both appear in the result. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Flags without a value; `false` when not given. */
  readonly boolean?: B | readonly B[];
  /** Flags with a value that stays text; `"_"` keeps positional arguments text as well. */
  readonly string?: S | readonly S[];
  /** Flags that may be given several times; always an array. */
  readonly collect?: C | readonly C[];
  /** Flags that `--no-NAME` turns off. */
  readonly negatable?: string | readonly string[];
  readonly default?: D;
  /** Fill `"--"` with what follows `--`. @default false */
  readonly "--"?: boolean;
  /** Everything from the first positional argument on is positional. @default false */
  readonly stopEarly?: boolean;
  /** Called for what is not declared above; `key` is absent for a positional argument. Return `false` to drop it. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type Text<K extends PropertyKey, D> = K extends keyof D ? string | D[K] : string | undefined;

export type ParsedArgs<
  B extends string,
  S extends string,
  C extends string,
  D extends object,
> =
  & { [K in B]: K extends C ? boolean[] : K extends keyof D ? boolean | D[K] : boolean }
  & { [K in Exclude<S, C | "_">]: Text<K, D> }
  & { [K in Exclude<C, B>]: string[] }
  & { [K in Exclude<keyof D, B | S | C>]: D[K] }
  & { _: "_" extends S ? string[] : (string | number)[] }
  & { "--"?: string[] }
  & { [flag: string]: unknown };

export declare function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  D extends object = Record<never, never>,
>(args: readonly string[], options?: ParseOptions<B, S, C, D>): ParsedArgs<B, S, C, D>;
