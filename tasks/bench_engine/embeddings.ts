/** Embeddings from an engine, as a client has them, and from llama.cpp without an engine. */
import { Agent, request } from "node:http";
import { join } from "@std/path";
import type { OwnedProcess } from "../bench/owned_process.ts";
import type { Yard } from "../bench/yard.ts";
import { pythonOf } from "../support/python_env.ts";
import { inRoot } from "../support/root.ts";

/** What is asked for at a time. */
export interface Load {
  /** Texts in a request. */
  readonly count: number;
  /** Who ask at the same time. @default 1 */
  readonly callers?: number;
  /** Requests of each. */
  readonly calls: number;
}

export type Asked =
  | { readonly socketPath: string }
  | { readonly hostname: string; readonly port: number };

/** Kept connections to one engine. */
export class EmbeddingClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #asked: Asked;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** Milliseconds a request. */
  async measure({ count, callers = 1, calls }: Load): Promise<number> {
    const body = JSON.stringify({
      model: "all-MiniLM-L6-v2",
      input: Array.from({ length: count }, (_, number) => textOf(number)),
      encoding_format: "base64",
    });
    const call = async () => {
      for (let done = 0; done < calls; done++) await this.#ask(body);
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: callers }, call));
    return (performance.now() - began) / (callers * calls);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #ask(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = {
        "Content-Type": "application/json",
        "Content-Length": new TextEncoder().encode(body).length,
      };
      const options = { ...this.#asked, agent: this.#agent, method: "POST", headers };
      const asking = request({ ...options, path: "/v1/embeddings" }, (answer) => {
        answer.on("error", reject);
        answer.on(
          "end",
          () =>
            answer.statusCode === 200
              ? resolve()
              : reject(new Error(`embeddings: ${answer.statusCode}`)),
        );
        answer.resume();
      });
      asking.on("error", reject);
      asking.end(body);
    });
  }
}

/** As tasks/bench_engine/direct.py has it. */
function textOf(number: number): string {
  return `Number ${number}: the quick brown fox jumps over the lazy dog near the river bank.`;
}

/** llama.cpp in a process that does nothing else. */
export class DirectLlama {
  readonly #process: OwnedProcess;

  private constructor(process: OwnedProcess) {
    this.#process = process;
  }

  static async start(yard: Yard): Promise<DirectLlama> {
    const engine = inRoot("engine", "python");
    const model = join(engine, ".model", "all-MiniLM-L6-v2.gguf");
    const program = inRoot("tasks", "bench_engine", "direct.py");
    // Threads that wait as the engine's do: by the millisecond it would be another measurement.
    const env = { PYTHONPATH: engine, GOMP_SPINCOUNT: "1000" };
    const process = yard.spawn([pythonOf(engine), program, model], { env });
    await process.printed(/^ready$/);
    return new DirectLlama(process);
  }

  /** Milliseconds a call. */
  async measure({ count, callers = 1, calls }: Load): Promise<number> {
    await this.#process.write(`${count} ${callers} ${calls}\n`);
    return Number(await this.#process.nextLine());
  }
}
