/** Restarts, stops and kills the engine while requests are under way. */
import type { Dice } from "./dice.ts";
import type { Subject } from "./subject.ts";
import type { TroubleKind, Troubles } from "./troubles.ts";

const KINDS: readonly (readonly [weight: number, kind: TroubleKind])[] = [
  [5, "restart"],
  [4, "kill"],
  [1, "stop"],
];

const READY_LIMIT_MS = 20_000;
const STEP_MS = 5;

export interface DisturberOptions {
  readonly subject: Subject;
  readonly troubles: Troubles;
  readonly dice: Dice;
  /** Requests from one trouble to the next, on average. */
  readonly every: number;
  /** Told when a trouble did not end with a ready engine. */
  readonly onFailure: (error: unknown) => void;
}

export class Disturber {
  readonly #options: DisturberOptions;
  #nextAt: number;
  #work: Promise<void> | undefined;

  constructor(options: DisturberOptions) {
    this.#options = options;
    this.#nextAt = this.#distance();
  }

  /** Tells how many requests were begun; makes trouble when it is time and none is going on. */
  onRequests(count: number): void {
    if (count < this.#nextAt || this.#work !== undefined) return;
    const { dice, onFailure } = this.#options;
    this.#work = this.#make(dice.pick(KINDS)).catch(onFailure).finally(() => {
      this.#work = undefined;
      this.#nextAt = count + this.#distance();
    });
  }

  /** Resolves when the trouble that is going on has ended. */
  async done(): Promise<void> {
    await this.#work;
  }

  async #make(kind: TroubleKind): Promise<void> {
    const { subject, troubles } = this.#options;
    const { pid } = await subject.engineFacts();
    await troubles.during(kind, async () => {
      if (kind === "kill") kill(pid);
      else await subject.change(kind);
      await this.#untilReady(pid);
    });
  }

  /** Until another process serves; it is started in case no request does it. */
  async #untilReady(before: number | null): Promise<void> {
    const { subject } = this.#options;
    for (const endsAt = performance.now() + READY_LIMIT_MS; performance.now() < endsAt;) {
      const { state, pid } = await subject.engineFacts();
      if (state === "ready" && pid !== before) return;
      // By hand: the wait after several kills would be longer than the whole soak between two.
      if (state === "stopped" || state === "backoff") await subject.change("start");
      else await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    throw new Error("the engine did not become ready again");
  }

  #distance(): number {
    const { dice, every } = this.#options;
    return Math.ceil(every * (0.5 + dice.roll()));
  }
}

function kill(pid: number | null): void {
  if (pid === null) return;
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
