/** TLS for clients: loaded where it is configured only. */
import {
  type AcceptedStream,
  ConfigError,
  type ListenerAddress,
  type StreamListener,
  type TlsFault,
  TlsFileError,
  type TlsIdentity,
} from "../core/mod.ts";
import { readRegularFile } from "./regular_file.ts";
import { listenForOne, TlsStream, type TlsStreamOwner } from "./tls_stream.ts";

/** Far more than any chain of certificates has. */
const MAX_FILE_BYTES = 1_048_576;

/** So many clients may still be sent something when their connections were closed; more are cut. */
const MAX_LEAVING = 64;

const WORDS = { cert: "certificate", key: "key" } as const;

/** Paths of an identity's two files. */
export type TlsPaths = Readonly<Record<keyof TlsIdentity, string>>;

/** Reads the two files and sees whether they go together. Throws `TlsFileError`. */
export async function readTlsIdentity(paths: TlsPaths): Promise<TlsIdentity> {
  const [cert, key] = [await readPem(paths, "cert"), await readPem(paths, "key")];
  const faults = [cert, key].filter((one) => typeof one !== "string");
  const [first, ...more] = faults;
  if (first !== undefined) throw new TlsFileError([first, ...more]);
  const identity = { cert: String(cert), key: String(key) };
  try {
    listenForOne(identity).close();
    return identity;
  } catch (error) {
    throw new TlsFileError([faultOf(error, identity, paths)]);
  }
}

/** Whether everybody on this machine can read the file at `path`. */
export async function isReadByAll(path: string): Promise<boolean> {
  return (((await Deno.stat(path)).mode ?? 0) & 0o004) !== 0;
}

/** The connections of `source` with TLS on them; a new one shows what `identity` gives by then. */
export function withTls(source: StreamListener, identity: () => TlsIdentity): TlsListener {
  return new TlsListener(source, identity);
}

export class TlsListener implements StreamListener, TlsStreamOwner {
  readonly address: ListenerAddress;
  readonly #source: StreamListener;
  readonly #identity: () => TlsIdentity;
  readonly #streams = new Set<TlsStream>();
  /** Longest first. */
  readonly #leaving = new Set<TlsStream>();
  #onEmpty: (() => void) | undefined;

  constructor(source: StreamListener, identity: () => TlsIdentity) {
    const { address } = source;
    this.address = address.kind === "tcp" ? { ...address, kind: "tls" } : address;
    this.#source = source;
    this.#identity = identity;
  }

  async accept(): Promise<AcceptedStream | null> {
    const client = await this.#source.accept();
    if (client === null) return null;
    const stream = new TlsStream(client, this.#identity(), this);
    this.#streams.add(stream);
    return stream;
  }

  /** Nobody counts them any more but this. */
  onLeaving(stream: TlsStream): void {
    this.#leaving.add(stream);
    const [first] = this.#leaving;
    if (this.#leaving.size > MAX_LEAVING) first?.abandon();
  }

  onEnd(stream: TlsStream): void {
    this.#streams.delete(stream);
    this.#leaving.delete(stream);
    if (this.#streams.size === 0) this.#onEmpty?.();
  }

  /** Resolves when what was sent on connections that are closed is out; at the end of the program. */
  async flushed(): Promise<void> {
    if (this.#streams.size > 0) await new Promise<void>((resolve) => this.#onEmpty = resolve);
  }

  close(): void {
    this.#source.close();
  }
}

/** What is in the file, or what is wrong with it. */
async function readPem(paths: TlsPaths, file: TlsFault["file"]): Promise<string | TlsFault> {
  const path = paths[file];
  const what = `The ${WORDS[file]}`;
  try {
    const bytes = await readRegularFile(path, { what, maxBytes: MAX_FILE_BYTES });
    if (bytes !== null) return new TextDecoder().decode(bytes);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, detail: error.message, remedy: error.remedy };
  }
  const remedy = "Correct the path; a relative one begins at the folder of the configuration file.";
  return { file, detail: `${what} ${path} is not there.`, remedy };
}

/** What the runtime says of the two, in words of ours. */
function faultOf(cause: unknown, { key }: TlsIdentity, paths: TlsPaths): TlsFault {
  const text = cause instanceof Error ? cause.message : String(cause);
  const fault = (file: TlsFault["file"], why: string, remedy: string): TlsFault => ({
    file,
    detail: `The ${WORDS[file]} ${paths[file]} ${why}.`,
    remedy,
    cause,
  });
  if (/KeyMismatch/.test(text)) {
    const remedy = "Name the key that the certificate was made for, and the certificate of the " +
      "server as the first of its file.";
    return fault("key", "is not that of the certificate", remedy);
  }
  if (/No keys found|private key|decode key/i.test(text)) {
    return /ENCRYPTED/.test(key)
      ? fault("key", "has a password", `Take it off: openssl pkey -in ${paths.key} -out NEW`)
      : fault("key", "holds no private key as PEM", "Name a file with a line BEGIN PRIVATE KEY.");
  }
  return /certificate/i.test(text)
    ? fault("cert", "holds no certificate as PEM", "Name a file with a line BEGIN CERTIFICATE.")
    : fault("cert", `can't be used: ${text}`, `See openssl x509 -text -in ${paths.cert}`);
}
