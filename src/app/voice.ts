import { formatDuration, sleep } from "../core/mod.ts";
import { EventBus } from "../events/mod.ts";
import { logEvents } from "../observe/mod.ts";
import { BoundedWriter, stderr, stdout, SystemClock, systemRandom } from "../platform/mod.ts";

/** How long the last lines may take to be read. */
const LAST_WORDS_MS = 500;

/** What the program says: on its own output, and to everybody who listens. */
export class Voice {
  readonly clock = new SystemClock({
    onGap: (gapMs) =>
      this.notice("Time stood still", `${formatDuration(gapMs)} did not pass here (suspend?).`),
  });
  readonly boot = systemRandom.hex(4);
  readonly events = new EventBus({ boot: this.boot });
  readonly #out = new BoundedWriter(stdout);
  readonly #err = new BoundedWriter(stderr);

  constructor() {
    logEvents(this.events, (line) => this.say(line));
  }

  print(line: string): void {
    this.#out.writeLine(line);
  }

  say(line: string): void {
    this.#err.writeLine(`[ai-engine] ${line}`);
  }

  /** A line of an engine; it has its prefix already. */
  relay(line: string): void {
    this.#err.writeLine(line);
  }

  notice(title: string, detail: string, remedy?: string): void {
    const at = new Date(this.clock.wall()).toISOString();
    const more = remedy === undefined ? {} : { remedy };
    this.events.publish({ type: "notice", level: "warn", title, detail, at, ...more });
  }

  /** Waits until all that was said is read, though not for a reader that has stopped reading. */
  async flush(): Promise<void> {
    const all = Promise.all([this.#out.flush(), this.#err.flush()]);
    await Promise.race([all, sleep(this.clock, LAST_WORDS_MS)]);
  }
}
