/** A way to a server that can be cut: what goes through is let go at once, and nothing comes in. */
export class Relay implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  readonly #target: number;
  readonly #open = new Set<() => void>();
  readonly #done: Promise<unknown>[] = [];
  #listener: Deno.TcpListener;
  #isCut = false;

  constructor(url: string) {
    this.#target = Number(new URL(url).port);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#port = this.#listener.addr.port;
    this.url = `http://127.0.0.1:${this.#port}`;
    this.#done.push(this.#accept(this.#listener));
  }

  /** Until {@linkcode mend}. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#listener.close();
    for (const close of this.#open) close();
    this.#open.clear();
  }

  mend(): void {
    this.#isCut = false;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#done.push(this.#accept(this.#listener));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await Promise.all(this.#done);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      const parts = new AbortController();
      const { signal } = parts;
      this.#open.add(() => parts.abort());
      const both = [
        client.readable.pipeTo(server.writable, { signal }),
        server.readable.pipeTo(client.writable, { signal }),
      ];
      this.#done.push(Promise.allSettled(both));
    }
  }
}
