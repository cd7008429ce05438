/** A real Prometheus that scrapes a program of a test. */
import { join } from "@std/path";
import { eventually } from "../../support/program.ts";

export interface PrometheusOptions {
  /** HOST:PORT of what it scrapes. */
  readonly target: string;
  readonly ruleFile: string;
}

/** A sample of an answer: `value` is a number as text. */
export interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

export class Prometheus implements AsyncDisposable {
  readonly #dir: string;
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<void>;
  #text = "";
  #url = "";

  private constructor(dir: string, child: Deno.ChildProcess) {
    this.#dir = dir;
    this.#child = child;
    this.#log = this.#readLog();
  }

  /** Starts one in a directory of its own, which scrapes twice a second. */
  static async start({ target, ruleFile }: PrometheusOptions): Promise<Prometheus> {
    const dir = await Deno.makeTempDir({ prefix: "prometheus-" });
    const config = {
      global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "1s" },
      rule_files: [ruleFile],
      scrape_configs: [{ job_name: "ai-engine", static_configs: [{ targets: [target] }] }],
    };
    await Deno.writeTextFile(join(dir, "prometheus.yml"), JSON.stringify(config));
    const child = new Deno.Command("prometheus", {
      args: [
        `--config.file=${join(dir, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(dir, "data")}`,
        "--web.listen-address=127.0.0.1:0",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const prometheus = new Prometheus(dir, child);
    try {
      await prometheus.#ready();
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw new Error(prometheus.#text, { cause: error });
    }
    return prometheus;
  }

  /** What `expression` comes to now. */
  async query(expression: string): Promise<readonly Answered[]> {
    return (await this.#ask(`query?query=${encodeURIComponent(expression)}`)).result;
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#ask("rules");
    return groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await Promise.all([this.#child.status, this.#log]);
    await Deno.remove(this.#dir, { recursive: true });
  }

  // deno-lint-ignore no-explicit-any
  async #ask(call: string): Promise<any> {
    const response = await fetch(`${this.#url}/api/v1/${call}`);
    const { status, data, error } = await response.json();
    if (status !== "success") throw new Error(`${call}: ${error}`);
    return data;
  }

  /** Until it is: it has said where it listens, and answers there. */
  async #ready(): Promise<void> {
    await eventually("Prometheus is ready", async () => {
      const address = /msg="Listening on" address=(\S+)/.exec(this.#text)?.[1];
      if (address === undefined) return false;
      this.#url = `http://${address}`;
      const response = await fetch(`${this.#url}/-/ready`);
      await response.body?.cancel();
      return response.ok;
    });
  }

  async #readLog(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#text += decoder.decode(chunk, { stream: true });
    }
  }
}
