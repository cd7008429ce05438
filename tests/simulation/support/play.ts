/**
 * Plays one schedule: steps drawn from the seed, then the faults stop, then all is closed. What must
 * hold is looked at after each step.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { EngineState } from "../../../src/core/mod.ts";
import type { ShutdownReport } from "../../../src/supervisor/mod.ts";
import type { Dice } from "../../../tasks/soak/dice.ts";
import { settle } from "../../support/fake_clock.ts";
import { Callers } from "./callers.ts";
import type { Call } from "./calls.ts";
import { ROUNDING_MS } from "./court.ts";
import { CLOSE_LIMIT_MS, KILL_LIMIT_MS } from "./engine_record.ts";
import { House } from "./house.ts";
import { diceFor, drawEngines, drawWeather, type Plan, STEPS, withSlots } from "./plan.ts";
import { FleetReferee } from "./fleet_referee.ts";
import { changeEngine, drawFleet, isFleet } from "./fleet_plan.ts";
import type { Fault, Judge } from "./judge.ts";
import { Referee } from "./referee.ts";
import type { SimProcess } from "./sim_process.ts";
import { takeStep } from "./steps.ts";
import { drawTemper, type Temper, type Weather } from "./temper.ts";

/** What the clock may count of a suspend. */
const BEAT_MS = 1_000;

/** What the end of a process may take besides its ladder: looks at it, its output, a backoff. */
const SLACK_MS = 40_000;

/** How a schedule went. */
export interface Result {
  readonly faults: readonly Fault[];
  /** How many of its steps were taken when the first fault was found. */
  readonly steps: number;
  /** Changes of state. */
  readonly changes: number;
  readonly lines: readonly string[];
}

/** Plays `plan`; with `isTold`, all that happens is in the result's lines. */
export async function play(plan: Plan, isTold = false): Promise<Result> {
  using one = new Play(plan, isTold);
  return await one.run();
}

/** What changes a configuration needs. */
interface Fleet {
  readonly referee: FleetReferee;
  /** How often something was changed. */
  changes: number;
}

export class Play implements Disposable {
  readonly house: House;
  readonly referee: Judge;
  readonly callers: Callers;
  /** What is different about the next process of an engine. */
  readonly nextTempers = new Map<string, Partial<Temper>>();
  weather: Weather;
  /** The engine that the step is about, and the process that faults happen to. */
  engine = "";
  current: SimProcess | undefined;
  /** Set where the configuration changes under way. */
  readonly #fleet: Fleet | undefined;
  readonly #plan: Plan;
  readonly #lines: string[] = [];
  #reactions: { readonly engine: string; readonly state: EngineState; readonly act: () => void }[] =
    [];
  #changes = 0;
  #report: ShutdownReport | undefined;

  constructor(plan: Plan, isTold: boolean) {
    this.#plan = plan;
    const { seed } = plan;
    const dice = diceFor(seed, "engines");
    this.weather = drawWeather(dice);
    const engines = isFleet(seed)
      ? drawFleet(seed, this.weather)
      : withSlots(seed, drawEngines(dice, this.weather));
    const chance = diceFor(seed, "chance");
    const { judge: referee, fleet } = this.#newJudge(engines, isTold);
    this.referee = referee;
    this.#fleet = fleet;
    this.house = new House({
      engines,
      draw: (engine, turn) => this.#draw(engine, turn),
      onSpawn: referee.onSpawn,
      publish: referee.publish,
      fault: (text) => referee.fault("generations", text),
      fraction: () => chance.roll(),
    });
    this.callers = new Callers(this.house, referee);
    referee.onChange = ({ engine, to }) => this.#onChange(engine, to);
  }

  /** Whether the configuration changes under way. */
  get isFleet(): boolean {
    return this.#fleet !== undefined;
  }

  async run(): Promise<Result> {
    const { faults } = this.referee;
    let steps = 0;
    for (const index of this.#plan.steps ?? Array.from({ length: STEPS }, (_, index) => index)) {
      steps++;
      await this.#take(index);
      if (faults.length > 0) break;
    }
    if (faults.length === 0) await this.#finish();
    return { faults, steps, changes: this.#changes, lines: this.#lines };
  }

  choose(dice: Dice): void {
    const { names } = this.referee;
    this.engine = names[dice.between(0, names.length - 1)] ?? "";
    const victims = this.referee.victims(this.engine);
    this.current = victims.length < 2 ? victims[0] : victims[dice.between(0, victims.length - 1)];
  }

  /** The configuration changes: the engine's settings, or whether it is there. */
  reload(dice: Dice): void {
    if (this.#fleet === undefined) return;
    const { engine, referee } = this;
    const serial = ++this.#fleet.changes;
    const isToggle = dice.roll() < 0.12;
    const settings = changeEngine(referee.settingsOf(engine), dice, serial);
    const engines = referee.names.flatMap((name) => {
      if (name !== engine) return referee.has(name) ? [referee.settingsOf(name)] : [];
      return isToggle && referee.has(name) ? [] : [settings];
    });
    this.#apply(engines);
  }

  /** Has `act` done in the moment in which it is told that `engine` is in `state`, once. */
  when(engine: string, state: EngineState, act: () => void): void {
    this.#reactions.push({ engine, state, act });
  }

  async advance(ms: number): Promise<void> {
    const before = this.house.clock.now();
    await this.house.advance(ms);
    this.#checkClock(before + ms, before + ms);
  }

  /** The machine sleeps. */
  async suspend(ms: number): Promise<void> {
    await settle();
    const before = this.house.clock.now();
    this.#tell(`suspend of ${ms} ms`);
    this.referee.lateMs += BEAT_MS;
    await this.house.jump(ms);
    this.#checkClock(before, before + BEAT_MS);
  }

  /** The program's loop is held up. */
  async stall(ms: number): Promise<void> {
    await settle();
    const before = this.house.clock.now();
    this.#tell(`stall of ${ms} ms`);
    this.referee.lateMs += ms;
    await this.house.jump(ms);
    this.#checkClock(before + ms, before + ms);
  }

  setWall(byMs: number): void {
    if (this.#plan.wall !== "stands") this.house.setWall(byMs);
  }

  /** Somebody closes the program. */
  close(force: boolean): void {
    this.#tell(`shutdown${force ? " by force" : ""}`);
    this.referee.closes();
    this.house.supervisor.shutdown({ force }).then((report) => this.#report = report, (error) => {
      this.referee.fault("no error of ours", String(error));
    });
  }

  [Symbol.dispose](): void {
    this.house[Symbol.dispose]();
  }

  async #take(index: number): Promise<void> {
    const dice = diceFor(this.#plan.seed, `step ${index}`);
    await takeStep(this, dice);
    const pause = dice.roll();
    if (pause < 0.2) return;
    if (pause < 0.4) {
      for (let turns = 0; turns < 3; turns++) await Promise.resolve();
      return;
    }
    await settle();
    this.referee.looksUntil(this.house.machine.isBlind);
    this.referee.look();
    // Not always, and at one engine: to make a view takes as long as the step itself.
    const isThere = this.referee.has(this.engine);
    if (pause < 0.6 && isThere) this.referee.lookAt(this.house.supervisor.view(this.engine));
  }

  /** Whatever was: an engine can be started, serves, and goes when all is closed. */
  async #finish(): Promise<void> {
    await settle();
    this.#mend();
    const isLast = this.referee.closingAt === Infinity;
    if (isLast) this.#restore();
    if (isLast) {
      for (const engine of this.referee.names) await this.#revive(engine);
      this.close(diceFor(this.#plan.seed, "end").roll() < 0.3);
    }
    const graces = this.referee.names.map((name) => this.referee.settingsOf(name).graceMs);
    const limitMs = CLOSE_LIMIT_MS + 2 * Math.max(...graces) + KILL_LIMIT_MS + BEAT_MS;
    await this.advance(limitMs);
    if (this.#report === undefined) this.referee.fault("a way out", "the close did not end");
    else if (isLast && !this.#report.clean) {
      this.referee.fault("a way out", "the close was not clean");
    }
    await this.advance(BEAT_MS);
    this.#checkNothingLeft();
    const engine = this.referee.names.find((name) => this.referee.has(name));
    if (engine === undefined) return;
    const late = this.callers.start(engine);
    await settle();
    if (late.outcome !== "shutting_down") {
      this.referee.fault("outcomes", `a start after the close came to ${late.outcome}`);
    }
  }

  /** From here on nothing goes wrong that has not gone wrong already. */
  #mend(): void {
    const { machine } = this.house;
    this.#tell("faults stop");
    this.referee.looksUntil(machine.isBlind);
    this.weather = "calm";
    this.#reactions = [];
    this.nextTempers.clear();
    machine.shortage = null;
    machine.missing.clear();
    machine.fileMs = 0;
    for (const process of machine.processes) {
      process.temper.kill = "exits";
      if (process.hasOutlivedKill) process.exit(137, "SIGKILL");
    }
  }

  /** All engines are there, and can start. */
  #restore(): void {
    const { referee } = this;
    this.#apply(referee.names.map((name) => ({
      ...referee.settingsOf(name),
      command: [name, "last"],
    })));
  }

  #apply(engines: readonly EngineSettings[]): void {
    // A program that closes reads nothing any more.
    if (this.#fleet === undefined || this.referee.closingAt < Infinity) return;
    this.#fleet.referee.reloads(engines);
    this.house.supervisor.apply({ engines });
  }

  async #revive(engine: string): Promise<void> {
    const { callers, referee } = this;
    const asks = [
      () => callers.start(engine),
      () => callers.restart(engine),
      () => callers.request(engine, { method: "GET", lateMs: 0 }),
    ];
    for (const ask of asks) {
      let call = ask();
      await this.#until(call);
      for (let tries = 1; tries < 4 && call.outcome !== "ok"; tries++) {
        // Those who fill the queue have their own time.
        if (call.outcome?.startsWith("queue")) {
          await this.advance(SLACK_MS + this.#reloadMs(engine));
        }
        // A reload that failed may be tried again, too.
        this.#restore();
        call = ask();
        await this.#until(call);
      }
      if (call.outcome !== "ok") {
        referee.fault("a way out", `the last ${call.kind} of ${engine} came to ${call.outcome}`);
      }
    }
  }

  async #until(call: Call): Promise<void> {
    const settings = this.referee.settingsOf(call.engine);
    const { startTimeoutMs, drainMs, graceMs } = settings;
    const limitMs = startTimeoutMs + drainMs + this.#reloadMs(call.engine) + 2 * graceMs + SLACK_MS;
    await this.house.advance(limitMs, () => call.outcome !== undefined);
    this.#lookAround();
  }

  /** What ran before may have to end first. */
  #reloadMs(engine: string): number {
    return this.isFleet ? this.referee.settingsOf(engine).reloadDrainMs : 0;
  }

  #lookAround(): void {
    this.referee.look();
    for (const view of this.house.supervisor.views()) this.referee.lookAt(view);
  }

  #checkNothingLeft(): void {
    const { referee, house } = this;
    this.#lookAround();
    for (const { kind, id } of referee.open) referee.fault("settled once", `${kind} ${id} is open`);
    for (const process of house.machine.processes) {
      if (process.hasLife && !process.hasEscaped) {
        referee.fault("one process", `${process.pid} is left behind`);
      }
    }
    if (house.waiting !== 0) referee.fault("a way out", `${house.waiting} timers are left`);
  }

  #checkClock(least: number, most: number): void {
    const now = this.house.clock.now();
    if (now < least - ROUNDING_MS || now > most + ROUNDING_MS) {
      this.referee.fault("time", `it is ${now}, not ${least} to ${most}`);
    }
  }

  #draw(engine: string, turn: string): Temper {
    const dice = diceFor(this.#plan.seed, `${engine} ${turn}`);
    const temper = { ...drawTemper(dice, this.weather), ...this.nextTempers.get(engine) };
    this.nextTempers.delete(engine);
    return temper;
  }

  #newJudge(engines: readonly EngineSettings[], isTold: boolean) {
    const options = {
      engines,
      weather: this.weather,
      now: () => this.house.clock.now(),
      tell: (text: () => string) => isTold && this.#tell(text()),
    };
    if (!isFleet(this.#plan.seed)) return { judge: new Referee(options), fleet: undefined };
    const referee = new FleetReferee(options);
    return { judge: referee, fleet: { referee, changes: 0 } };
  }

  #onChange(engine: string, state: EngineState): void {
    this.#changes++;
    const due = this.#reactions.filter((one) => one.engine === engine && one.state === state);
    if (due.length === 0) return;
    this.#reactions = this.#reactions.filter((one) => !due.includes(one));
    this.callers.inTheMiddle(() => {
      for (const { act } of due) act();
    });
  }

  #tell(text: string): void {
    this.#lines.push(`${this.house.clock.now().toFixed(1).padStart(10)} ${text}`);
  }
}
