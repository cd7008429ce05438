/** A chaos from its start to its report. */
import type { Yard } from "../bench/yard.ts";
import { Dice } from "../soak/dice.ts";
import { Tally } from "../soak/tally.ts";
import { TROUPE } from "./cast.ts";
import { Clients, type Slowest } from "./clients.ts";
import { FILLS_THE_DISK, type Kind, KINDS, WELL } from "./kinds.ts";
import { makeSubject } from "./make_subject.ts";
import { RELOADS } from "./reloads.ts";
import { type AtRest, closeForGood, comeToRest, judgeAtRest, type Subject } from "./subject.ts";
import { mounted } from "./supervisor.ts";
import { pause } from "./waits.ts";

/** Supervisors side by side. */
const SUPERVISORS = 4;

const REPLICATED = TROUPE.roles.filter(({ settings }) => settings.replicas !== undefined)
  .map(({ name }) => name);

/** A quarter of the time comes first and is left out of the comparison, one minute at most. */
const WARM_UP_SHARE = 0.25;
const LONGEST_WARM_UP_MS = 60_000;

const PROGRESS_MS = 10_000;

/** Between two stops of what still hangs after the last trouble. */
const CALM_MS = 2_000;

export interface ChaosOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** The program and its first arguments. */
  readonly program: readonly string[];
  readonly onProgress: (line: string) => void;
  /** Told of each failure, up to a number of them. */
  readonly onFailure: (line: string) => void;
}

/** What was met. */
export interface Met {
  /** What was done to all of them, how often. */
  readonly troubles: ReadonlyMap<string, number>;
  /** What the reloads among it were. */
  readonly reloads: ReadonlyMap<string, number>;
  /** From the kill of a helper to the sight of the next one, in ms, sorted. */
  readonly helperGaps: readonly number[];
  /** Processes of each kind. */
  readonly starts: ReadonlyMap<string, number>;
  /** Engines of which several instances were seen at a time, and how many. */
  readonly sideBySide: ReadonlyMap<string, number>;
}

export interface ChaosReport extends Met {
  readonly tally: Tally;
  readonly slowest: Slowest;
  /** Kinds that can't be had here. */
  readonly skipped: readonly Kind[];
  /** Of those that were spared. */
  readonly atRest: readonly {
    readonly name: string;
    readonly before: AtRest;
    readonly after: AtRest;
  }[];
}

export async function runChaos(yard: Yard, options: ChaosOptions): Promise<ChaosReport> {
  const tally = new Tally(options.onFailure);
  const mounts = await canMount(yard);
  const skipped = mounts ? [] : [FILLS_THE_DISK];
  const all: readonly Kind[] = [...KINDS, WELL];
  const kinds = all.filter((kind) => !skipped.includes(kind));
  const dice = new Dice(options.seed);
  using clients = new Clients(tally, dice);
  const subjects: Subject[] = [];
  for (let index = 0; index < SUPERVISORS; index++) {
    const subject = await makeSubject(yard, { ...options, index, mounts, kinds, tally, clients });
    subjects.push(subject);
    await subject.supervisor.start();
  }
  const tell = (): void => {
    progress(tally, subjects, clients)
      .then(options.onProgress, (error) => tally.fail(`${error}`));
  };
  const timer = setInterval(tell, PROGRESS_MS);
  try {
    const warmUpMs = Math.min(LONGEST_WARM_UP_MS, options.durationMs * WARM_UP_SHARE);
    await playFor(warmUpMs, subjects, clients);
    const spared = subjects.filter(({ isSpared }) => isSpared);
    const before = await Promise.all(spared.map((subject) => comeToRest(subject)));
    await playFor(options.durationMs - warmUpMs, subjects, clients);
    const atRest = await Promise.all(spared.map(async (subject, index) => {
      const warm = before[index] ?? raise();
      const after = await comeToRest(subject, warm.holdings.descriptors);
      judgeAtRest(tally, subject.name, warm, after);
      return { name: subject.name, before: warm, after };
    }));
    for (const subject of subjects) await closeForGood(subject, tally);
    const met = await gather(subjects);
    judgeMet(tally, "engine of the kind", kinds, met.starts);
    judgeMet(tally, "reload of the kind", RELOADS, met.reloads);
    judgeMet(tally, "two or more instances of", REPLICATED, met.sideBySide);
    return { tally, slowest: clients.slowest, ...met, skipped, atRest };
  } finally {
    clearInterval(timer);
  }
}

/** What has happened to all of them. */
async function gather(subjects: readonly Subject[]): Promise<Met> {
  const makers = subjects.map(({ troublemaker }) => troublemaker);
  const most = Map.groupBy(makers.flatMap(({ most }) => [...most]), ([engine]) => engine);
  const several = [...most].map(([engine, counts]) =>
    [engine, Math.max(...counts.map(([, count]) => count))] as const
  ).filter(([, count]) => count > 1);
  return {
    troubles: sum(makers.map(({ counts }) => counts)),
    reloads: sum(subjects.flatMap(({ reloads }) => reloads === undefined ? [] : [reloads.counts])),
    helperGaps: makers.flatMap(({ helperGaps }) => helperGaps).sort((a, b) => a - b),
    starts: sum(await Promise.all(subjects.map(({ supervisor }) => supervisor.starts()))),
    sideBySide: new Map(several),
  };
}

async function playFor(
  durationMs: number,
  subjects: readonly Subject[],
  clients: Clients,
): Promise<void> {
  const endsAt = performance.now() + durationMs;
  await Promise.all([
    clients.run(subjects, endsAt),
    ...subjects.map(({ troublemaker }) => troublemaker.run(endsAt)),
  ]);
  // The last ones may hang, and nobody would end them any more.
  while (clients.underWay > 0) {
    for (const { troublemaker } of subjects) troublemaker.stopEngines();
    await pause(CALM_MS);
  }
}

/** A kind that never came has shown nothing. */
function judgeMet(
  tally: Tally,
  what: string,
  kinds: readonly string[],
  counts: ReadonlyMap<string, number>,
): void {
  for (const kind of kinds) {
    if (counts.has(kind)) tally.pass("check: a kind that was met");
    else tally.fail(`there was no ${what} "${kind}"; give it more time`);
  }
}

/** Whether a file system can be mounted in a mount namespace of its own: as root, mostly. */
async function canMount(yard: Yard): Promise<boolean> {
  const { path } = await yard.directory();
  const [program = "", ...args] = mounted({ hasCgroup: false }, path, ["true"]);
  try {
    const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

async function progress(
  tally: Tally,
  subjects: readonly Subject[],
  clients: Clients,
): Promise<string> {
  const troubles = sum(subjects.map(({ troublemaker }) => troublemaker.counts));
  const counts = [...troubles].map(([trouble, count]) => `${count} × ${trouble}`).join(", ");
  const spared = subjects.filter(({ isSpared }) => isSpared);
  const memory = await Promise.allSettled(spared.map(({ supervisor }) => supervisor.memory()));
  const resident = memory.flatMap((one) =>
    one.status === "fulfilled" ? [Math.round(one.value)] : []
  );
  return `${tally.passed} passed, ${tally.failed} failed, ${clients.underWay} under way; ${counts}; ` +
    `resident ${resident.join(", ")} MiB`;
}

function sum(maps: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const [key, count] of maps.flatMap((map) => [...map])) {
    all.set(key, (all.get(key) ?? 0) + count);
  }
  return all;
}

function raise(): never {
  throw new RangeError("nothing was measured before");
}
