/** A front with scripted streams, a clock that stands still, and an app and a gateway that a test plays. */
import { assertEquals } from "@std/assert";
import { type Clock, ERROR_TABLE } from "../../../src/core/mod.ts";
import { Front, type FrontOptions, type Ours } from "../../../src/front/mod.ts";
import type { ClientExchange, Gateway } from "../../../src/gateway/mod.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { newRecords } from "../../support/request_records.ts";
import { AcceptedScript, ScriptedListener } from "./scripted_listener.ts";

export interface FrontWorldOptions extends Partial<FrontOptions> {
  /** Answers requests under `/upstream/`. */
  readonly forward?: (exchange: ClientExchange) => Promise<void>;
  /** Where connections come in. @default "tcp" */
  readonly kind?: "tcp" | "control";
}

export class FrontWorld {
  readonly clock = new FakeClock();
  readonly listener = new ScriptedListener();
  readonly faults: unknown[] = [];
  readonly front: Front;

  constructor({ forward, kind = "tcp", ...options }: FrontWorldOptions = {}) {
    this.front = new Front({
      ...frontOptions(this.faults, forward, this.clock),
      clock: this.clock,
      ...options,
    });
    this.front.listen(this.listener, kind === "tcp" ? this.listener.address : { kind });
  }

  /** A client connects. */
  readonly connect = async (stream = new AcceptedScript()): Promise<AcceptedScript> => {
    this.listener.connect(stream);
    await settle();
    return stream;
  };

  /** A client connects and sends `text`; gives its side when nothing moves any more. */
  readonly ask = async (text: string): Promise<AcceptedScript> => {
    const stream = await this.connect();
    await this.send(stream, text);
    return stream;
  };

  readonly send = async (stream: AcceptedScript, text: string): Promise<void> => {
    stream.send(text);
    await settle();
  };

  /** Closes everything; nothing may be left of it. */
  readonly end = async (): Promise<void> => {
    const drained = this.front.drain(0);
    await this.clock.advance(0);
    await drained;
    assertEquals(this.front.openConnections, 0);
    assertEquals(this.clock.timers, 0);
  };
}

/** Answers `hello` to everything, errors as one line. */
export function frontOptions(
  faults: unknown[],
  forward: FrontWorldOptions["forward"],
  clock: Clock,
): Omit<FrontOptions, "clock"> {
  const hello: Ours = () => Promise.resolve(new Response("hello"));
  const gateway: Gateway = {
    isFor: (request) => request.targetStartsWith("/upstream/"),
    forward: forward ?? (() => Promise.reject(new Error("nothing is upstream"))),
  };
  return {
    gateway,
    records: newRecords(clock).records,
    ours: hello,
    renderError: (error, { status, accept }) =>
      new Response(`${error.code} ${ERROR_TABLE[error.code].status} ${accept}`, { status }),
    onFault: (error) => faults.push(error),
  };
}

/** A request without a body. */
export function get(target = "/", ...fields: readonly string[]): string {
  return request("GET", target, fields);
}

export function post(target: string, body: string, ...fields: readonly string[]): string {
  return request("POST", target, [`Content-Length: ${body.length}`, ...fields]) + body;
}

function request(method: string, target: string, fields: readonly string[]): string {
  return [`${method} ${target} HTTP/1.1`, "Host: localhost", ...fields, "", ""].join("\r\n");
}
