/** What may happen next in a schedule. Each step is drawn from dice of its own. */
import { ENGINE_STATES, type EngineState } from "../../../src/core/mod.ts";
import type { Dice } from "../../../tasks/soak/dice.ts";
import type { Call } from "./calls.ts";
import type { Play } from "./play.ts";
import type { Shortage } from "./sim_machine.ts";
import { flaw, type Temper } from "./temper.ts";

type Act = (play: Play, dice: Dice) => void;
type Wait = (play: Play, dice: Dice) => void | Promise<void>;

/** What users and clients do. */
const CALLS: readonly (readonly [number, Act])[] = [
  [5, ({ callers, engine }) => void callers.start(engine)],
  [8, ({ callers, engine }) => void callers.input(engine)],
  [12, ({ callers, engine }, dice) => void callers.request(engine, drawRequest(dice))],
  [8, ({ callers, engine }, dice) => void callers.lease(engine, drawLease(dice))],
  [3, ({ callers, engine }) => callers.touch(engine)],
  [3, ({ callers, engine }) => void callers.restart(engine)],
  [4, ({ callers, engine }, dice) => void callers.stop(engine, drawStop(dice))],
  [8, (play, dice) => leaveOne(play, dice)],
  // Who comes and goes in the very same turn.
  [2, ({ callers, engine }) => callers.leave(callers.start(engine))],
  [2, ({ callers, engine }) => callers.leave(callers.input(engine))],
  [3, ({ callers, engine }, dice) => callers.leave(callers.request(engine, drawRequest(dice)))],
  [2, ({ callers, engine }, dice) => callers.leave(callers.lease(engine, drawLease(dice)))],
  [1, ({ callers, engine }) => callers.leave(callers.restart(engine))],
  [1, ({ callers, engine }, dice) => callers.leave(callers.stop(engine, drawStop(dice)))],
];

/** What time does. */
const TIMES: readonly (readonly [number, Wait])[] = [
  [40, (play, dice) =>
    play.advance(dice.pick([
      [4, 0],
      [8, 1],
      [6, 5],
      [6, 30],
      [5, 50],
      [4, 101],
      [4, 300],
      [2, 500],
      [2, 1_000],
      [1, 2_500],
      [0.4, 6_000],
      [0.15, 31_000],
      [0.05, 65_000],
    ]))],
  [2, (play, dice) => {
    const hours = dice.pick([[1, -24], [1, 24], [1, -1], [1, 1]]);
    play.setWall(hours * 3_600_000 * dice.roll());
  }],
  [1, (play) => play.suspend(3_600_000)],
];

/** What goes wrong. */
const FAULTS: readonly (readonly [number, Wait])[] = [
  [8, ({ current }, dice) =>
    current?.exit(...dice.pick<[number, string | null]>([
      [2, [0, null]],
      [4, [3, null]],
      [2, [137, "SIGKILL"]],
      [1, [139, "SIGSEGV"]],
    ]))],
  [3, ({ current }) => current?.freeze()],
  [3, ({ current }) => current?.goOn()],
  [3, ({ current }, dice) => current?.service.end(dice.roll() < 0.5 ? "ended" : "broken")],
  [7, ({ current }, dice) => void (current && Object.assign(current.temper, flaw(dice)))],
  [5, (play, dice) => {
    const changes: Partial<Temper> = flaw(dice);
    play.nextTempers.set(play.engine, changes);
  }],
  [2, ({ house: { machine }, engine }) => {
    if (!machine.missing.delete(engine)) machine.missing.add(engine);
  }],
  [2, ({ house: { machine }, referee }, dice) => {
    const kinds: readonly [number, Shortage][] = [
      [1, "descriptors"],
      [1, "processes"],
      [1, "memory"],
    ];
    referee.looksUntil(machine.isBlind);
    machine.shortage = machine.shortage === null ? dice.pick(kinds) : null;
  }],
  [2, ({ house: { machine } }, dice) => {
    machine.fileMs = dice.pick([[4, 0], [1, 10], [1, 400]]);
  }],
  [1, (play, dice) => play.stall(dice.pick([[3, 20], [3, 200], [1, 1_500], [1, 3_900]]))],
];

/** How many of the steps of a schedule with reloads and replicas are those. */
const FLEET_SHARE = 0.2;

/** What happens to engines whose settings change and that have several processes. */
const FLEET: readonly (readonly [number, Wait])[] = [
  [6, (play, dice) => play.reload(dice)],
  [3, (play, dice) => comeAtOnce(play, dice.between(3, 6))],
  // One of several can't be reached any more, and many find that out.
  [1, async (play) => {
    const { current, weather } = play;
    if (current === undefined || weather === "calm") return;
    current.temper.dial = "backlog_full";
    current.service.end("ended");
    comeAtOnce(play, 8);
    await play.advance(UNREACHED_MS);
    comeAtOnce(play, 4);
  }],
];

/** So long a connection is tried, and a little. */
const UNREACHED_MS = 1_100;

/** More come than one process has slots for. */
function comeAtOnce({ callers, engine }: Play, count: number): void {
  for (; count > 0; count--) callers.request(engine, { method: "GET", lateMs: 0 });
}

/** Takes one step. */
export function takeStep(play: Play, dice: Dice): void | Promise<void> {
  play.choose(dice);
  if (play.isFleet && dice.roll() < FLEET_SHARE) return dice.pick(FLEET)(play, dice);
  const kind = dice.roll();
  if (kind < 0.0004) return play.close(dice.roll() < 0.3);
  if (kind < 0.03) return react(play, dice);
  if (kind < 0.38) return dice.pick(CALLS)(play, dice);
  if (kind < 0.72 || play.weather === "calm") return dice.pick(TIMES)(play, dice);
  if (play.weather === "mixed" && dice.roll() < 0.5) return dice.pick(TIMES)(play, dice);
  return dice.pick(FAULTS)(play, dice);
}

/** Somebody acts in the very moment in which it is told that the engine is in a state. */
function react(play: Play, dice: Dice): void {
  const state: EngineState = dice.pick(ENGINE_STATES.map((state) => [1, state] as const));
  const { engine } = play;
  const acts = Array.from({ length: dice.between(1, 3) }, () => dice.pick(CALLS));
  play.when(engine, state, () => {
    for (const act of acts) act(play, dice);
  });
}

function drawRequest(dice: Dice) {
  const method = dice.pick<"GET" | "POST">([[1, "GET"], [1, "POST"]]);
  return { method, lateMs: dice.pick([[3, 0], [1, 3], [1, 40]]) };
}

function drawLease(dice: Dice) {
  return {
    patienceMs: dice.pick([[1, 0], [1, 400], [2, 2_000], [1, 60_000]]),
    keepMs: dice.pick([[3, 1], [3, 20], [2, 400], [1, 3_000]]),
    isTwice: dice.roll() < 0.2,
  };
}

function drawStop(dice: Dice) {
  return { force: dice.roll() < 0.3, hold: dice.roll() < 0.2 };
}

function leaveOne({ callers, referee }: Play, dice: Dice): void {
  const calls: Call[] = [...referee.open];
  if (calls.length === 0) return;
  const call = calls[dice.between(0, calls.length - 1)];
  if (call !== undefined) callers.leave(call);
}
