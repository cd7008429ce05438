/** Those who use the house: users with their start and stop, inputs, proxied requests. */
import type { RequestRecords } from "../../../src/gateway/mod.ts";
import { ScriptedClient } from "../../gateway/support/scripted_client.ts";
import { newRecords } from "../../support/request_records.ts";
import { type Call, type CallKind, nameOf } from "./calls.ts";
import type { House } from "./house.ts";
import type { Judge } from "./judge.ts";

const UTF8 = new TextEncoder();

/** A request as a client sends it. `late`: the second half of its body comes so much later. */
export interface RequestShape {
  readonly method: "GET" | "POST";
  readonly lateMs: number;
}

export interface LeaseShape {
  readonly patienceMs: number;
  /** For how long it is kept. */
  readonly keepMs: number;
  /** It is given back more than once. */
  readonly isTwice: boolean;
}

export class Callers {
  readonly #house: House;
  readonly #judge: Judge;
  readonly #clients = new Map<Call, ScriptedClient>();
  /** One book of them all, as in the program. */
  readonly #records: RequestRecords;
  #count = 0;
  /** For whom a lease is asked for right now. */
  #asking: Call | undefined;
  #isInTheMiddle = false;

  constructor(house: House, judge: Judge) {
    this.#house = house;
    this.#judge = judge;
    this.#records = newRecords(house.clock).records;
    house.onAsk = () => {
      const call = this.#asking;
      return (lease) => call === undefined ? lease : judge.lends(call, lease);
    };
  }

  start(engine: string): Call {
    return this.#call("start", engine, async ({ abort: { signal } }) => {
      await this.#house.supervisor.start(engine, { signal });
    });
  }

  restart(engine: string): Call {
    return this.#call("restart", engine, async ({ abort: { signal } }) => {
      await this.#house.supervisor.restart(engine, { signal });
    });
  }

  stop(engine: string, how: { readonly force: boolean; readonly hold: boolean }): Call {
    return this.#call("stop", engine, async ({ abort: { signal } }) => {
      if (how.hold) this.#judge.holds(engine, this.#isInTheMiddle ? "maybe" : "yes");
      await this.#house.supervisor.stop(engine, { ...how, signal });
    });
  }

  input(engine: string): Call {
    return this.#call("input", engine, async (call) => {
      const { abort: { signal }, id } = call;
      let ends = () => {};
      try {
        await this.#house.supervisor.input(engine, id, {
          signal,
          onPhase: (phase) => {
            if (phase === "answering") ends = this.#judge.works(call);
          },
        });
      } finally {
        ends();
      }
      this.#checkOnce(`{"input":"${id}"}`, 1);
    });
  }

  lease(engine: string, shape: LeaseShape): Call {
    const { machine } = this.#house;
    const isFree = this.#judge.owesLease(engine);
    return this.#call("lease", engine, async (call) => {
      const { patienceMs, keepMs, isTwice } = shape;
      const leased = this.#asks(
        call,
        () => this.#house.lease(engine, { signal: call.abort.signal, patienceMs }),
      );
      if (isFree && leased instanceof Promise && !this.#isInTheMiddle) {
        this.#judge.fault("deadlines", `${engine} has a free slot and was not lent at once`);
      }
      const lease = await leased;
      machine.after(keepMs, () => {
        lease.release();
        if (isTwice) lease.release();
      });
    });
  }

  request(engine: string, { method, lateMs }: RequestShape): Call {
    return this.#call("request", engine, async (call) => {
      const { id } = call;
      const body = method === "POST" ? "1234" : "";
      const length = method === "POST" ? `Content-Length: ${body.length * 2}\r\n` : "";
      const target = `/upstream/${engine}/${id}`;
      const text = `${method} ${target} HTTP/1.1\r\nHost: there\r\n${length}\r\n${body}`;
      const client = new ScriptedClient(UTF8.encode(text), { records: this.#records });
      this.#clients.set(call, client);
      if (body !== "") {
        this.#house.machine.after(lateMs, () => client.outcome === "open" && client.more(body));
      }
      try {
        await this.#asks(call, () => this.#house.gateway.forward(client));
      } finally {
        this.#clients.delete(call);
        this.#checkOnce(`/${id}`, method === "POST" ? 1 : 2);
      }
      if (client.outcome === "cut") throw new Cut();
      if (client.outcome !== "whole") throw new TypeError(`the answer is ${client.outcome}`);
      this.#checkAnswer(call, client.answer);
    });
  }

  touch(engine: string): void {
    if (!this.#judge.has(engine)) return;
    this.#judge.touches(engine);
    this.#house.supervisor.touch(engine);
  }

  leave(call: Call): void {
    if (call.outcome !== undefined) return;
    this.#judge.leaves(call);
    this.#clients.get(call)?.goes();
  }

  /** While `act` runs somebody is being told of a change: nothing else happens until it is over. */
  inTheMiddle(act: () => void): void {
    const before = this.#isInTheMiddle;
    this.#isInTheMiddle = true;
    act();
    this.#isInTheMiddle = before;
  }

  #call(kind: CallKind, engine: string, make: (call: Call) => Promise<void>): Call {
    const call: Call = {
      kind,
      engine,
      id: `${kind.slice(0, 3)}${++this.#count}`,
      at: this.#house.clock.now(),
      ...this.#judge.meeting(engine),
      abort: new AbortController(),
      servedBy: null,
      outcome: undefined,
    };
    this.#judge.opens(call);
    make(call).then(() => "ok", (error) => {
      return call.abort.signal.aborted && !this.#isOurs(error) ? "left" : nameOf(error);
    }).then((outcome) => this.#judge.settles(call, outcome), (error) => {
      this.#judge.fault("no error of ours", String(error));
    });
    return call;
  }

  /** The lease that `ask` asks for at once is for `call`. */
  #asks<T>(call: Call, ask: () => T): T {
    this.#asking = call;
    try {
      return ask();
    } finally {
      this.#asking = undefined;
    }
  }

  #isOurs(error: unknown): boolean {
    return error instanceof Error && "remedy" in error;
  }

  #checkAnswer({ id, engine }: Call, answer: string): void {
    const isMissing = answer.startsWith("HTTP/1.1 404");
    const said = / by (\d+)"}$/.exec(answer);
    const isHis = this.#house.machine.processes.some((process) =>
      String(process.pid) === said?.[1] && process.engine === engine
    );
    if (!isMissing && !(isHis && answer.includes(`/${id} by`))) {
      this.#judge.fault("outcomes", `${id} got another's answer: ${JSON.stringify(answer)}`);
    }
  }

  /** A request reaches an engine at most so often. */
  #checkOnce(what: string, most: number): void {
    const times = this.#house.machine.got.get(what) ?? 0;
    if (times > most) this.#judge.fault("outcomes", `${what} was asked ${times} times`);
  }
}

/** What a client sees of an answer that broke off. */
class Cut extends Error {
  override readonly name = "cut";
}
