/** What is to happen when, the earliest first: a binary heap. */
export class Agenda<T> {
  readonly #heap: { readonly at: number; readonly what: T }[] = [];

  add(at: number, what: T): void {
    const heap = this.#heap;
    let place = heap.push({ at, what }) - 1;
    for (
      let above = (place - 1) >> 1;
      place > 0 && heap[above]!.at > at;
      above = (place - 1) >> 1
    ) {
      [heap[place], heap[above]] = [heap[above]!, heap[place]!];
      place = above;
    }
  }

  take(): { readonly at: number; readonly what: T } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let place = 0;;) {
      let least = 2 * place + 1;
      if (least >= heap.length) return first;
      if (least + 1 < heap.length && heap[least + 1]!.at < heap[least]!.at) least++;
      if (heap[least]!.at >= last.at) return first;
      [heap[place], heap[least]] = [heap[least]!, last];
      place = least;
    }
  }
}
