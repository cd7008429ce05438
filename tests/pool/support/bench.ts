/** A client on a scripted network under a clock that stands still. */
import { UnixClient } from "../../../src/pool/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type DialOutcome, ScriptedNet } from "../../support/scripted_net.ts";

export interface Bench {
  readonly client: UnixClient;
  readonly clock: FakeClock;
  readonly net: ScriptedNet;
}

export function bench(...outcomes: DialOutcome[]): Bench {
  const clock = new FakeClock();
  const net = new ScriptedNet(...outcomes);
  const client = new UnixClient({ path: "/run/e.sock", net, clock, engine: "python" });
  return { client, clock, net };
}

/** A whole answer with `body`. */
export function answer(body: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Catches what `promise` rejects with; a promise that resolves fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("resolved, but should have rejected");
}
