/**
 * Finds what belongs to a secret in a time that tells nothing of the secrets: every entry is compared
 * whole, whatever the ones before it came to.
 */
export class SecretTable<Value> {
  readonly #width: number;
  readonly #rows: readonly { readonly secret: Uint8Array; readonly value: Value }[];

  /** `width` is the length of the longest secret that is looked for; the secrets are visible ASCII. */
  constructor(entries: readonly (readonly [secret: string, value: Value])[], width: number) {
    this.#width = width;
    this.#rows = entries.map(([secret, value]) => ({ secret: this.#padded(secret), value }));
  }

  find(secret: string): Value | undefined {
    if (secret === "" || secret.length > this.#width) return undefined;
    const given = this.#padded(secret);
    let found: Value | undefined;
    for (const row of this.#rows) {
      if (isSame(given, row.secret)) found = row.value;
    }
    return found;
  }

  /** Of one length all, so that it isn't told either. */
  #padded(secret: string): Uint8Array {
    const padded = new Uint8Array(this.#width);
    new TextEncoder().encodeInto(secret, padded);
    return padded;
  }
}

/** Of two of one length, in a time that does not depend on what is in them. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= (one[i] ?? 0) ^ (other[i] ?? 0);
  return difference === 0;
}
