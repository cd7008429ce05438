/** The functions that can be called directly, and what they are called with. */

/** An argument or a result: raw bytes, or anything JSON can say. */
export type Payload = Uint8Array<ArrayBuffer> | Json;
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [name: string]: Json;
};

/** Throws {@linkcode ArgumentError} for an argument that it does not take. */
export type CallableFunction = (argument: Payload) => Payload;

/** An argument that a function does not take. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** All of them by name. */
export const FUNCTIONS: ReadonlyMap<string, CallableFunction> = new Map<string, CallableFunction>([
  ["cosine", (argument) => cosine(vectorOf(argument, "a"), vectorOf(argument, "b"))],
  ["echo", (argument) => argument],
]);

/** How alike two vectors are: the cosine of the angle between them. Throws `RangeError`. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers`);
  const norm = Math.sqrt(dot(a, a) * dot(b, b));
  if (norm === 0) throw new RangeError("a vector of length 0 has no direction");
  return dot(a, b) / norm;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

function vectorOf(argument: Payload, name: string): readonly number[] {
  if (typeof argument !== "object" || argument === null || argument instanceof Uint8Array) {
    throw new ArgumentError("It takes a JSON object.");
  }
  if (Array.isArray(argument)) throw new ArgumentError("It takes a JSON object.");
  const vector = (argument as { readonly [name: string]: Json })[name];
  if (Array.isArray(vector) && vector.every((one) => typeof one === "number")) return vector;
  throw new ArgumentError(
    vector === undefined ? `Missing: ${name}.` : `${name} is no list of numbers.`,
  );
}
