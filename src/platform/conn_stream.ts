import type { AcceptedStream, ByteStream } from "../core/mod.ts";

/** Up to Deno 2.8 a write under way outlives the close of its connection. */
const WRITES_OUTLIVE_CLOSE = /^2\.[0-8]\./.test(Deno.version.deno);

/** A connection of Deno's as a byte stream. */
export class ConnStream implements ByteStream {
  readonly #conn: Deno.Conn;
  #isOpen = true;
  /** Rejects the write under way; alone, so that it keeps nothing of what was written. */
  #rejectWrite: ((error: Error) => void) | undefined;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    const writing = this.#conn.write(bytes);
    return WRITES_OUTLIVE_CLOSE ? this.#untilClosed(writing) : writing;
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
    this.#rejectWrite?.(new Deno.errors.Interrupted("The connection was closed"));
  }

  #untilClosed(writing: Promise<number>): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#rejectWrite = reject;
      writing.then(resolve, reject);
    });
  }
}

/** A connection that a client has opened. */
export class AcceptedConn extends ConnStream implements AcceptedStream {
  readonly clientAddress: string | null;

  constructor(conn: Deno.TcpConn | Deno.UnixConn) {
    super(conn);
    const { remoteAddr } = conn;
    this.clientAddress = remoteAddr.transport === "tcp" ? remoteAddr.hostname : null;
    // Answers go out in few writes, each meant to leave at once.
    if ("setNoDelay" in conn) conn.setNoDelay(true);
  }
}
