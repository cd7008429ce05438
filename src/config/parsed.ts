/** What comes of reading a value: the value, or why it can't be taken and what would do. */
export type Parsed<T> = Accepted<T> | Refused;

export interface Accepted<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Refused {
  readonly ok: false;
  /** Goes on from `--flag is "value", `, e.g. `which has no port`. */
  readonly why: string;
  /** What to do, goes on with `, for example …`. */
  readonly fix: string;
  /** A value that would do. */
  readonly example: string;
}

export function accept<T>(value: T): Accepted<T> {
  return { ok: true, value };
}

export function refuse(why: string, fix: string, example: string): Refused {
  return { ok: false, why, fix, example };
}
