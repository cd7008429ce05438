import { join } from "@std/path";
import manifest from "../../deno.json" with { type: "json" };
import type { LogLevels, LogSettings } from "../config/mod.ts";
import { type BoundView, formatDuration, type OutputLog, sleep } from "../core/mod.ts";
import { EventBus } from "../events/mod.ts";
import {
  countEvents,
  countRequests,
  EngineOutput,
  LogBook,
  logEvents,
  type LogRecord,
  logRequests,
  ProgramLog,
  RequestBook,
  RotatedFile,
  type RotatedFileOptions,
  toLogEntry,
  toPlainLine,
} from "../observe/mod.ts";
import {
  BoundedWriter,
  host,
  stderr,
  stdout,
  SystemClock,
  systemLogFiles,
  systemRandom,
} from "../platform/mod.ts";

/** How long the last lines may take to be read. */
const LAST_WORDS_MS = 500;

/** What the program says: on its own output, in its logs, and to everybody who listens. */
export class Voice {
  readonly clock = new SystemClock({
    onGap: (gapMs) =>
      this.notice("Time stood still", `${formatDuration(gapMs)} did not pass here (suspend?).`),
  });
  readonly boot = systemRandom.hex(4);
  readonly events = new EventBus({ boot: this.boot });
  readonly counts = countEvents(this.events);
  /** The newest lines of all engines and of the program itself. */
  readonly book: LogBook;
  readonly requests = new RequestBook({
    clock: this.clock,
    isWatched: () => this.events.wants("request"),
    tell: (view) => this.events.publish({ type: "request", ...view }),
  });
  readonly requestCounts = countRequests(this.requests, (name) => this.counts.engines.has(name));
  readonly #settings: LogSettings;
  readonly #out = new BoundedWriter(stdout);
  readonly #err: BoundedWriter;
  readonly #files: RotatedFile[] = [];
  readonly #outputs: EngineOutput[] = [];
  readonly #log: ProgramLog;

  constructor(settings: LogSettings) {
    this.#settings = settings;
    const book = this.book = new LogBook({ clock: this.clock, settings: settings.engine });
    const isJson = settings.target.kind === "stderr";
    this.#err = new BoundedWriter(stderr, isJson ? { toNote: this.#toJsonNote } : {});
    this.#log = new ProgramLog({
      clock: this.clock,
      levels: settings,
      pid: host.pid,
      version: manifest.version,
      keep: (record) => book.push(this.#logOf(record), toLogEntry(record)),
      ...this.#outlets(),
    });
    logEvents(this.events, (record) => this.#log.write(record));
    logRequests({ requests: this.requests, log: this.#log, clock: this.clock });
  }

  /** Tells more or less of itself from now on. */
  setLevels({ level, rooms }: LogLevels): void {
    this.#log.levels = { level, rooms };
  }

  print(line: string): void {
    this.#out.writeLine(toPlainLine(line));
  }

  say(line: string): void {
    this.#log.write({ level: "info", room: "app", message: line });
  }

  notice(title: string, detail: string, remedy?: string): void {
    const at = new Date(this.clock.wall()).toISOString();
    const more = remedy === undefined ? {} : { remedy };
    this.events.publish({ type: "notice", level: "warn", title, detail, at, ...more });
  }

  /** Keeps what engines print, shows it, and writes it to files in the folder `dir`. */
  engineOutput(dir: string): OutputLog {
    const output = new EngineOutput({
      clock: this.clock,
      settings: this.#settings.engine,
      book: this.book,
      show: (engine, line) => this.#relay(engine, line),
      openFile: (engine) => this.#openFile(join(dir, `${engine}.log`)),
    });
    this.#outputs.push(output);
    return output;
  }

  bounds(): readonly BoundView[] {
    return [this.events, this.book.searches, ...this.#outputs].flatMap((one) => one.bounds());
  }

  /** Waits until all that was said is read or written, though not for what has got stuck. */
  async flush(): Promise<void> {
    const files = this.#files.map((file) => file.flush());
    const all = Promise.all([this.#out.flush(), this.#err.flush(), ...files]);
    await Promise.race([all, sleep(this.clock, LAST_WORDS_MS)]);
  }

  /** Whose log `record` stands in. Whoever is no engine is what a client has made up. */
  #logOf({ labels }: LogRecord): string | null {
    const engine = labels?.["engine"] ?? null;
    return engine !== null && this.counts.engines.has(engine) ? engine : null;
  }

  #relay(engine: string, line: string): void {
    if (this.#settings.target.kind === "stderr") this.#log.relay(engine, line);
    else this.#err.writeLine(`[${engine}] ${line}`);
  }

  /** Where the program's own log goes. */
  #outlets(): { text?: (line: string) => void; json?: (line: string) => void } {
    const { target } = this.#settings;
    if (target.kind === "stderr") return { json: (line) => this.#err.writeLine(line) };
    const text = (line: string) => this.#err.writeLine(`[ai-engine] ${line}`);
    if (target.kind === "none") return { text };
    const file = this.#openFile(target.path, { toNote: this.#toJsonNote });
    return { text, json: (line) => file.append(line) };
  }

  /** What is said in the place of lines that are lost: a line of JSON among others. */
  readonly #toJsonNote = (message: string) =>
    this.#log.toJson({ level: "warn", room: "app", message });

  #openFile(path: string, form: Partial<RotatedFileOptions> = {}): RotatedFile {
    const file = new RotatedFile({
      ...form,
      path,
      files: systemLogFiles,
      clock: this.clock,
      rotation: this.#settings.rotation,
      onTrouble: (path, why) =>
        this.notice(
          "Log file not written",
          `${path}: ${why}. Lines for it are lost and counted.`,
          "Make room there or let it be written to; it is tried again by itself.",
        ),
    });
    this.#files.push(file);
    return file;
  }
}
