/** Looks into the heap of a program from source, by way of V8's inspector. */
import { askOk } from "../bench/raw_http.ts";

export interface Heap {
  /** Bytes of live objects, after a collection. */
  readonly usedBytes: number;
  /** Bytes of buffers outside of the heap that live objects own. */
  readonly buffersBytes: number;
}

/** A free port for `--inspect`; somebody else may take it before the program does. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Collects garbage in the program that is inspected at `port`, then measures what is left. */
export async function probeHeap(port: number): Promise<Heap> {
  const address = { transport: "tcp", hostname: "127.0.0.1", port } as const;
  const { body } = await askOk(address, { method: "GET", target: "/json" });
  const [target]: { webSocketDebuggerUrl: string }[] = JSON.parse(body);
  if (target === undefined) throw new Error("the inspector names no program");
  await using session = await InspectorSession.open(
    // It names itself as it was asked: without a port.
    `ws://127.0.0.1:${port}${new URL(target.webSocketDebuggerUrl).pathname}`,
  );
  // What a first collection finalizes goes with a second one.
  await session.call("HeapProfiler.collectGarbage");
  await session.call("HeapProfiler.collectGarbage");
  const usage = await session.call("Runtime.getHeapUsage");
  return {
    usedBytes: Number(usage["usedSize"]),
    buffersBytes: Number(usage["backingStorageSize"]),
  };
}

type Result = Readonly<Record<string, unknown>>;

class InspectorSession implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Result) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result } = JSON.parse(data);
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    };
  }

  static async open(url: string): Promise<InspectorSession> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new InspectorSession(socket);
  }

  async call(method: string): Promise<Result> {
    const id = ++this.#calls;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}
