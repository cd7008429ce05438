/**
 * TLS on a connection that a client has opened.
 *
 * Deno speaks TLS as a server only on what its own listener accepts, and keeps such a connection open
 * until the client leaves when its handshake never comes or its last bytes can't be sent (2.6.10 to
 * 2.9.6): whoever connects and waits would take one descriptor after the other. So the client's connection
 * is a plain one, which can be closed at any time, and its bytes, encrypted as they are, go to and from a
 * TLS connection to ourselves, made for it alone by a listener that takes no other.
 *
 * @module
 */
import type { AcceptedStream, ByteStream, TlsIdentity } from "../core/mod.ts";
import { ConnStream } from "./conn_stream.ts";

const LOOPBACK = "127.0.0.1";
/** Of a record of TLS in which a handshake begins. */
const HANDSHAKE = 22;
const BUFFER_BYTES = 16 * 1024;
/** So long what was sent may not move on, once the connection was closed. */
const CLOSE_STALL_MS = 10_000;
/** The same once it was cut: what is under way then is a matter of turns of the event loop. */
const CUT_STALL_MS = 50;

const YES = () => true;
const NO = () => false;
const NOTHING = () => {};

/** Both ends of a connection to ourselves. */
interface Pair {
  /** Where the client's bytes go in. */
  readonly near: ConnStream;
  /** Where they come out readable. */
  readonly far: ConnStream;
}

/** Who is told what becomes of a stream. */
export interface TlsStreamOwner {
  /** It was closed, and something that was written is still on its way. */
  onLeaving(stream: TlsStream): void;
  /** Nothing of it is open any more. */
  onEnd(stream: TlsStream): void;
}

/** What the client sends and gets, in clear; nothing before `handshake` has resolved. */
export class TlsStream implements AcceptedStream {
  readonly clientAddress: string | null;
  readonly #client: AcceptedStream;
  readonly #identity: TlsIdentity;
  #pair: Pair | undefined;
  #isOpen = true;
  #hasShaken = false;
  readonly #owner: TlsStreamOwner;
  #hasEnded = false;
  /** Whether our end has come to its end. */
  #isRelayed = false;
  #stallMs = CLOSE_STALL_MS;
  /** Whether all that we sent went to the client, or none of it can any more. */
  #isSent = false;
  #stall: ReturnType<typeof setTimeout> | undefined;

  constructor(client: AcceptedStream, identity: TlsIdentity, owner: TlsStreamOwner) {
    this.clientAddress = client.clientAddress;
    this.#client = client;
    this.#identity = identity;
    this.#owner = owner;
  }

  /** Rejects when the client speaks no TLS, or none that goes with ours; it is told so by an alert. */
  async handshake(): Promise<void> {
    const first = new Uint8Array(BUFFER_BYTES);
    const count = await this.#client.read(first);
    // Nothing is made for who waits, asks in clear or sends anything else.
    if (count === null || first[0] !== HANDSHAKE) throw new Error("This is no TLS");
    const { near, far } = await connectPair(this.#identity);
    const stream = new ConnStream(far);
    this.#pair = { near, far: stream };
    if (!this.#isOpen) {
      this.#end();
      throw new Error("The connection was closed");
    }
    const endIn = () => near.closeWrite();
    this.#relayIn(near, first, count).then(endIn, endIn).catch(NOTHING);
    const endOut = () => this.#afterAll(near);
    this.#relayOut(near).then(endOut, endOut).catch(NOTHING);
    await far.handshake();
    this.#hasShaken = true;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#far.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#far.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#far.closeWrite();
  }

  /** What was written still goes out, and after it that this was all. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#pair === undefined || this.#isSent) return this.#end();
    this.#pair.far.close();
    this.#expectMove();
    this.#owner.onLeaving(this);
  }

  /** What was written still goes out, and no word after it: the client can tell that this was not all. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#hasShaken || this.#isSent) return this.#end();
    this.#stallMs = CUT_STALL_MS;
    this.#expectMove();
  }

  /** Ends it at once, whatever is on its way. */
  abandon(): void {
    this.#isOpen = false;
    this.#end();
  }

  get #far(): ConnStream {
    if (this.#pair === undefined) throw new TypeError("There was no handshake");
    return this.#pair.far;
  }

  /** From the client to us, until one of both has gone. */
  async #relayIn(near: ConnStream, buffer: Uint8Array, first: number): Promise<void> {
    for (let count: number | null = first; count !== null;) {
      await writeAll(near, buffer.subarray(0, count));
      count = await this.#client.read(buffer);
    }
  }

  /** From us to the client; what can't be sent any more is read all the same, as it holds up our end. */
  async #relayOut(near: ConnStream): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (let count; (count = await near.read(buffer)) !== null;) {
      if (this.#isSent) continue;
      const isTaken = await writeAll(this.#client, buffer.subarray(0, count)).then(YES, NO);
      if (!isTaken) this.#isSent = true;
      else if (!this.#isOpen) this.#expectMove();
    }
  }

  /** There is nothing more to come from our end. */
  async #afterAll(near: ConnStream): Promise<void> {
    this.#isRelayed = this.#isSent = true;
    if (this.#hasEnded) near.close();
    else if (!this.#isOpen) this.#end();
    else await this.#client.closeWrite();
  }

  #expectMove(): void {
    clearTimeout(this.#stall);
    this.#stall = setTimeout(() => this.#end(), this.#stallMs);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = this.#isSent = true;
    clearTimeout(this.#stall);
    this.#client.close();
    this.#pair?.far.close();
    // Else once it has taken what the far end still holds, which is not closed before.
    if (!this.#hasShaken || this.#isRelayed) this.#pair?.near.close();
    this.#owner.onEnd(this);
  }
}

async function writeAll(to: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Made for one connection: who else should come to it finds it closed. */
async function connectPair(
  identity: TlsIdentity,
): Promise<{ readonly near: ConnStream; readonly far: Deno.TlsConn }> {
  using listener = listenForOne(identity);
  const { port } = listener.addr;
  const [dialed, accepted] = await Promise.allSettled([dial(port), listener.accept()]);
  const near = dialed.status === "fulfilled" ? dialed.value : undefined;
  const far = accepted.status === "fulfilled" ? accepted.value : undefined;
  if (near !== undefined && near.localAddr.port === far?.remoteAddr.port) {
    near.setNoDelay(true);
    return { near: new ConnStream(near), far };
  }
  near?.close();
  far?.close();
  throw new Error("No connection to ourselves could be made");
}

async function dial(port: number): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: LOOPBACK, port });
}

/** Throws what the runtime says of an identity that can't be used. */
export function listenForOne({ cert, key }: TlsIdentity): Deno.TlsListener {
  const alpnProtocols = ["http/1.1"];
  return Deno.listenTls({ hostname: LOOPBACK, port: 0, cert, key, alpnProtocols });
}
