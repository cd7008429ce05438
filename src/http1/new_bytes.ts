const SLAB_BYTES = 8 * 1024;
const LARGEST_CUT_BYTES = 1024;

let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

/**
 * `size` bytes of zero that nobody else has or will get. Small arrays are cut from a common buffer,
 * as a buffer for each costs more than parsing an answer: use the array, never its `.buffer`.
 */
export function newBytes(size: number): Uint8Array<ArrayBuffer> {
  if (size > LARGEST_CUT_BYTES) return new Uint8Array(size);
  if (slabUsed + size > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const bytes = new Uint8Array(slab, slabUsed, size);
  slabUsed += size;
  return bytes;
}
