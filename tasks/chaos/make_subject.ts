/** Makes the supervisors of the chaos: which engines they have, and what may become of them. */
import type { Yard } from "../bench/yard.ts";
import { Dice } from "../soak/dice.ts";
import type { Tally } from "../soak/tally.ts";
import { inRoot } from "../support/root.ts";
import { SOLO, TROUPE } from "./cast.ts";
import type { Clients } from "./clients.ts";
import { ConfigFile } from "./config_file.ts";
import type { Kind } from "./kinds.ts";
import { Reloads } from "./reloads.ts";
import type { Subject } from "./subject.ts";
import { Supervisor } from "./supervisor.ts";
import { Troublemaker } from "./troubles.ts";

export interface SubjectOptions {
  readonly index: number;
  readonly seed: number;
  /** The program and its first arguments. */
  readonly program: readonly string[];
  /** Whether a file system can be mounted. */
  readonly mounts: boolean;
  readonly kinds: readonly Kind[];
  readonly tally: Tally;
  readonly clients: Clients;
}

/** The first ones are never ended: they are compared with themselves. */
const SPARED = 2;

/** One that is spared and one that is not, one with a cgroup and one without. */
const WITH_FILES = [1, 2];

const ENGINE_PATH = inRoot("tasks", "chaos", "bad_engine.py");

const TIMES = ["--idle-timeout", "1s", "--start-timeout", "10s", "--grace", "500ms"];

export async function makeSubject(yard: Yard, options: SubjectOptions): Promise<Subject> {
  const { index, tally, clients, mounts, program } = options;
  const name = `supervisor ${index}`;
  const home = (await yard.directory()).path;
  const seed = `${options.seed}/${index}`;
  const dice = new Dice(options.seed + 1 + index);
  const file = WITH_FILES.includes(index)
    ? new ConfigFile({ home, seed, enginePath: ENGINE_PATH, kinds: options.kinds })
    : undefined;
  await file?.write();
  const supervisor = yard.own(
    new Supervisor({
      home,
      program,
      ...(file === undefined ? solo({ ...options, home }) : troupe(file)),
      // Every other one has to do without, as most users' do.
      surroundings: mounts ? { hasCgroup: index % 2 === 0 } : null,
      onAlarm: (line) => tally.fail(`${name} printed: ${line}`),
    }),
  );
  const reloads = file === undefined ? undefined : new Reloads({
    supervisor,
    name,
    file,
    dice,
    tally,
    send: (isGood) => clients.ask(subject, (id) => ({ kind: "reload", id, isGood })),
  });
  const isSpared = index < SPARED;
  const troublemaker = new Troublemaker({
    supervisor,
    name,
    dice,
    tally,
    endsSupervisor: !isSpared,
    ...(reloads === undefined ? {} : { reloads }),
    send: ({ name: engine }, command) =>
      clients.ask(subject, (id) => ({ kind: "command", id, engine, command })),
  });
  const subject: Subject = { name, supervisor, troublemaker, reloads, isSpared };
  return subject;
}

function solo(
  { home, seed, index, kinds }: Pick<SubjectOptions, "seed" | "index" | "kinds"> & {
    readonly home: string;
  },
) {
  return {
    cast: SOLO,
    flags: ["--engine", ENGINE_PATH, ...TIMES],
    env: {
      CHAOS_HOME: `${home}/${SOLO.roles[0]?.name}`,
      CHAOS_SEED: `${seed}/${index}`,
      CHAOS_KINDS: kinds.filter((kind) => kind !== "well").join(","),
    },
  };
}

function troupe(file: ConfigFile) {
  return { cast: TROUPE, flags: ["--config", file.path], env: {} };
}
