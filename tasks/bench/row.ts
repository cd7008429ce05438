/** One line of the table: what was measured, beside what, and what was promised. */

export type Unit = "ms" | "MiB" | "%";

/** Something measured in the same run to compare with. */
export type Reference =
  | { readonly kind: "measured"; readonly name: string; readonly samples: readonly number[] }
  | { readonly kind: "absent"; readonly name: string; readonly why: string };

/** What one way of running the program gave. */
export type Column =
  | {
    readonly kind: "measured";
    readonly samples: readonly number[];
    /** The first one is what the target compares with. */
    readonly references: readonly Reference[];
    /** Said after the figure. */
    readonly detail?: string;
  }
  | { readonly kind: "absent"; readonly why: string };

/** A promise about the median, and perhaps more, in the row's unit. */
export type Target =
  | {
    readonly kind: "at_most";
    readonly limit: number;
    /** For the 95th percentile, too. */
    readonly p95?: number;
  }
  /** More than the first reference by at most `limit`. */
  | { readonly kind: "added"; readonly limit: number }
  /** At most `limit` times the first reference. */
  | { readonly kind: "ratio"; readonly limit: number };

export interface Row {
  readonly quantity: string;
  readonly unit: Unit;
  /** `null` where nothing is promised. */
  readonly target: Target | null;
  /** From source on the Deno that runs the bench. */
  readonly source: Column;
  /** The executable; never judged. */
  readonly executable: Column;
}

/** A column of figures. */
export function measured(
  samples: readonly number[],
  options: { readonly references?: readonly Reference[]; readonly detail?: string } = {},
): Column {
  const { references = [], detail } = options;
  return { kind: "measured", samples, references, ...(detail === undefined ? {} : { detail }) };
}

/** A column without figures; `why` in a few words. */
export function absent(why: string): Column {
  return { kind: "absent", why };
}

/** Figures to compare with. */
export function reference(name: string, samples: readonly number[]): Reference {
  return { kind: "measured", name, samples };
}

/** A comparison that could not be made; `why` in a few words. */
export function noReference(name: string, why: string): Reference {
  return { kind: "absent", name, why };
}
