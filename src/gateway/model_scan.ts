/** Where a body says which model it is for; offsets count from the body's first byte. */
export interface FoundModel {
  readonly kind: "found";
  readonly start: number;
  readonly end: number;
  /** How the bytes in between are written: as a JSON string with its quotes, or as they are. */
  readonly form: "json" | "plain";
}

/** The body names no model; `why` is a sentence. */
export interface NoModel {
  readonly kind: "none";
  readonly why: string;
}

/** What the body says is no name; `why` is a sentence. */
export interface BadModel {
  readonly kind: "bad";
  readonly why: string;
}

export type ScanOutcome = FoundModel | NoModel | BadModel;

/** Looks for the model in a body that comes in pieces, until there is an outcome. */
export interface ModelScan {
  /** Looks at the next piece, of which it keeps nothing; `undefined` = it has to see more. */
  scan(piece: Uint8Array): ScanOutcome | undefined;
  /** The outcome of a body that is over. */
  end(): ScanOutcome;
}
