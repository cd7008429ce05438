/**
 * The real page behind `Deno.serve`, on a supervisor without processes and a free port.
 *
 * @module
 */
import { type ConfigView, ModelTable, type ReloadReport } from "../../../src/config/mod.ts";
import type { Clock, Random } from "../../../src/core/mod.ts";
import { EventBus } from "../../../src/events/mod.ts";
import type { RequestRecords } from "../../../src/gateway/mod.ts";
import { RequestBook } from "../../../src/observe/mod.ts";
import { createWeb } from "../../../src/web/mod.ts";
import { FakeSupervisor } from "../../support/fake_supervisor.ts";
import { newFigures } from "../../support/figures.ts";
import { newLogBook } from "../../support/new_log_book.ts";
import { newRecords, toReceived } from "../../support/request_records.ts";

const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  at(deadline, callback) {
    const timer = setTimeout(callback, Math.max(0, deadline - performance.now()));
    return { cancel: () => clearTimeout(timer) };
  },
};

const random: Random = {
  hex: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)).toHex(),
  fraction: () => Math.random(),
};

export interface LivePageOptions {
  /** @default ["echo"] */
  readonly engines?: readonly string[];
  /** @default 0, any free one */
  readonly port?: number;
}

/** A page to look at; `await using` closes it. */
export class LivePage implements AsyncDisposable {
  readonly events = new EventBus({ boot: random.hex(4) });
  readonly supervisor: FakeSupervisor;
  readonly logs = newLogBook(clock);
  readonly requests: RequestBook;
  readonly records: RequestRecords;
  /** What the page of the configuration shows. */
  config: ConfigView = { path: null, settings: [], later: [] };
  /** What comes of a reload. */
  reload: () => Promise<ReloadReport> = () => Promise.reject(new TypeError("none was expected"));
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ engines = ["echo"], port = 0 }: LivePageOptions = {}) {
    this.supervisor = new FakeSupervisor({ clock, events: this.events, engines });
    const deps = { supervisor: this.supervisor, events: this.events, clock, random };
    const { book, records } = newRecords(
      clock,
      new RequestBook({
        clock,
        isWatched: () => true,
        tell: (view) => this.events.publish({ type: "request", ...view }),
      }),
    );
    this.requests = book;
    this.records = records;
    const web = createWeb({
      ...deps,
      tokens: null,
      models: new ModelTable([], { defaultModel: null }),
      modelsDir: "/home/me/.local/share/ai-engine/models",
      urls: ["http://127.0.0.1:7411"],
      version: "0.1.0",
      close: () => {},
      bounds: () => [],
      requests: book,
      profile: () => Promise.reject(new TypeError("no profile was expected")),
      figures: newFigures(),
      logs: this.logs,
      config: () => Promise.resolve(this.config),
      reload: () => this.reload(),
    });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen() {} },
      (request) => {
        const { hostname, port } = this.#server.addr;
        const listener = { kind: "tcp", hostname, port } as const;
        return web.handle(request, {
          listener,
          signal: request.signal,
          record: records.of(toReceived(request)),
        });
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.events.close();
    await this.#server.shutdown();
  }
}
