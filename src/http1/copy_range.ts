/** Making a view, copying it and collecting it costs about as much as so many bytes one by one. */
const SHORT = 128;

/** Copies those of `bytes` from `start` up to, but without, `end` into `to` at `at`. */
export function copyRange(
  to: Uint8Array,
  at: number,
  { bytes, start, end }: {
    readonly bytes: Uint8Array;
    readonly start: number;
    readonly end: number;
  },
): void {
  if (end - start > SHORT) return to.set(bytes.subarray(start, end), at);
  for (let i = start, o = at; i < end; i++, o++) to[o] = bytes[i] ?? 0;
}
