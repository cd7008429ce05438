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
import { listenForOne, TlsStream } from "./tls_stream.ts";

/** Far more than any chain of certificates has. */
const MAX_FILE_BYTES = 1_048_576;

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
export function withTls(source: StreamListener, identity: () => TlsIdentity): StreamListener {
  return new TlsListener(source, identity);
}

class TlsListener implements StreamListener {
  readonly address: ListenerAddress;
  readonly #source: StreamListener;
  readonly #identity: () => TlsIdentity;

  constructor(source: StreamListener, identity: () => TlsIdentity) {
    const { address } = source;
    this.address = address.kind === "tcp" ? { ...address, kind: "tls" } : address;
    this.#source = source;
    this.#identity = identity;
  }

  async accept(): Promise<AcceptedStream | null> {
    const stream = await this.#source.accept();
    return stream === null ? null : new TlsStream(stream, this.#identity());
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
