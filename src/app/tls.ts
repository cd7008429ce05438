/**
 * What TLS is spoken with. Loaded where it is configured.
 *
 * @module
 */
import {
  type ConfigNotice,
  inConfigFile,
  type LoadedConfig,
  type TlsFiles,
} from "../config/mod.ts";
import {
  type Clock,
  sleep,
  type StreamListener,
  TlsFileError,
  type TlsIdentity,
} from "../core/mod.ts";
import { loadTls, type TlsListener } from "../platform/mod.ts";

/** The certificate in force; a reload may bring another one, for new connections. */
export class Tls {
  readonly notices: readonly ConfigNotice[];
  readonly #withTls: (source: StreamListener) => TlsListener;
  readonly #listeners: TlsListener[] = [];
  #identity: TlsIdentity;

  private constructor(
    identity: TlsIdentity,
    { notices, withTls }: Pick<Tls, "notices"> & {
      readonly withTls: (source: StreamListener, identity: () => TlsIdentity) => TlsListener;
    },
  ) {
    this.notices = notices;
    this.#identity = identity;
    this.#withTls = (source) => withTls(source, () => this.#identity);
  }

  /** Reads the files. Throws `TlsFileError`. */
  static async open(files: TlsFiles): Promise<Tls> {
    const { isReadByAll, readTlsIdentity, withTls } = await loadTls();
    const identity = await readTlsIdentity(files);
    const notices = await isReadByAll(files.key) ? [readByAll(files.key)] : [];
    return new Tls(identity, { notices, withTls });
  }

  /** Those that `config` names. Throws `ConfigFileError` with their places. */
  static async openFor(config: LoadedConfig, files: TlsFiles): Promise<Tls> {
    try {
      return await Tls.open(files);
    } catch (error) {
      throw error instanceof TlsFileError ? inConfigFile(error, config.file) : error;
    }
  }

  /** The connections of `source` with TLS on them. */
  over(source: StreamListener): StreamListener {
    const listener = this.#withTls(source);
    this.#listeners.push(listener);
    return listener;
  }

  /** Resolves when the last answers are out, or `limitMs` milliseconds are over. */
  async flushed(clock: Clock, limitMs: number): Promise<void> {
    const isDone = new AbortController();
    const all = Promise.all(this.#listeners.map((listener) => listener.flushed()));
    await Promise.race([all, sleep(clock, limitMs, isDone.signal)]);
    isDone.abort();
  }

  /** From now on new connections are shown what `other` has. */
  become(other: Tls): void {
    this.#identity = other.#identity;
  }
}

function readByAll(path: string): ConfigNotice {
  return {
    title: "Key not private",
    detail: `Everybody on this machine can read the key ${path}, and so be taken for this program.`,
    remedy: `chmod 600 ${path}`,
  };
}
