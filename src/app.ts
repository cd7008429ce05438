/**
 * The composition root: the only file that joins the rooms to each other and to the machine.
 *
 * @module
 */
import { join } from "@std/path";
import manifest from "../deno.json" with { type: "json" };
import { checkListenAddress } from "./access/mod.ts";
import { type CliDeps, run, SocketControlClient } from "./cli/mod.ts";
import {
  checkSocketPath,
  formatListen,
  type RequestedSettings,
  resolveSettings,
  type Settings,
} from "./config/mod.ts";
import {
  type Clock,
  ERROR_TABLE,
  formatDuration,
  LifecycleError,
  sleep,
  toAiEngineError,
} from "./core/mod.ts";
import { EventBus } from "./events/mod.ts";
import { Front } from "./front/mod.ts";
import { createGateway } from "./gateway/mod.ts";
import { EngineOutput, logEvents } from "./observe/mod.ts";
import {
  BoundedWriter,
  catchInterrupt,
  checkSocketDir,
  currentDir,
  environment,
  host,
  onClosingSignal,
  onUncaught,
  openRuntimeDir,
  openTcpListener,
  openUnixListener,
  readFileStart,
  readStdinStart,
  stderr,
  stdout,
  SystemClock,
  systemFiles,
  systemNet,
  systemProcesses,
  systemRandom,
  takeLock,
  takeUmask,
  terminalOutput,
} from "./platform/mod.ts";
import { UnixClient } from "./pool/mod.ts";
import { type ShutdownReport, Supervisor } from "./supervisor/mod.ts";
import { createWeb } from "./web/mod.ts";

/** How long answers in flight may still go out once all engines are gone. */
const LAST_ANSWERS_MS = 500;

/** How long the last lines may take to be read. */
const LAST_WORDS_MS = 500;

/** Runs the command that `argv` names; gives the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  if (host.os === "windows") return refuseWindows();
  const clock = new SystemClock();
  const env = environment();
  const deps: CliDeps = {
    stdout: terminalOutput(stdout),
    stderr: terminalOutput(stderr),
    env,
    cwd: currentDir(),
    version: {
      version: manifest.version,
      deno: host.denoVersion,
      arch: host.arch,
      os: host.os,
    },
    clock,
    readFile: readFileStart,
    readStdin: readStdinStart,
    async connect(control) {
      const path = control ?? join(await openRuntimeDir(env), "control.sock");
      return new SocketControlClient(new UnixClient({ path, net: systemNet, clock }), path);
    },
    catchInterrupt,
    serve(requested) {
      // It has a clock of its own, which tells of suspends; one beat is enough.
      clock.close();
      return serve(requested, env);
    },
  };
  return run(argv, deps);
}

async function refuseWindows(): Promise<number> {
  await terminalOutput(stderr).write(
    "error: AI Engine does not run on Windows yet.\n" +
      "cause: Its engines listen on Unix sockets, which Deno does not have there.\n" +
      "try: Run it in WSL, on Linux or on macOS.\n",
  );
  return 1;
}

/** Runs the supervisor until it is closed. */
async function serve(
  requested: RequestedSettings,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const umask = takeUmask();
  checkListenAddress(requested.listen);
  const { settings, notices } = await resolveSettings(requested, { files: systemFiles, host });
  const voice = new Voice();
  const places = await openPlaces(settings, { env, clock: voice.clock });
  onUncaught((error) => voice.notice("Internal error", toAiEngineError(error).message));
  const supervisor = createSupervisor(settings, { places, voice, umask });
  const closing = new Closing(supervisor);
  // Before anybody can have an engine started.
  onClosingSignal((osSignal) => {
    voice.say(`${osSignal}: closing${closing.isBegun ? " at once" : "; once more to force it"}`);
    closing.begin(closing.isBegun);
  });
  const { front, port } = await openFront(settings, { places, voice, supervisor, closing });
  const listen = { ...settings.listen, port };
  for (const line of banner(settings, { listen, control: places.control })) voice.print(line);
  for (const { title, detail, remedy } of notices) voice.notice(title, detail, remedy);
  if (host.pid === 1) tellOfPidOne(voice);
  const report = await closing.report;
  voice.events.close();
  // The file of the control socket goes with its listener: Deno removes it.
  await front.drain(LAST_ANSWERS_MS);
  const exitCode = tellClose(report, voice);
  await voice.flush();
  return exitCode;
}

/** What the program says: on its own output, and to everybody who listens. */
class Voice {
  readonly clock = new SystemClock({
    onGap: (gapMs) =>
      this.notice("Time stood still", `${formatDuration(gapMs)} did not pass here (suspend?).`),
  });
  readonly boot = systemRandom.hex(4);
  readonly events = new EventBus({ boot: this.boot });
  readonly #out = new BoundedWriter(stdout);
  readonly #err = new BoundedWriter(stderr);

  constructor() {
    logEvents(this.events, (line) => this.say(line));
  }

  print(line: string): void {
    this.#out.writeLine(line);
  }

  say(line: string): void {
    this.#err.writeLine(`[ai-engine] ${line}`);
  }

  /** A line of an engine; it has its prefix already. */
  relay(line: string): void {
    this.#err.writeLine(line);
  }

  notice(title: string, detail: string, remedy?: string): void {
    const at = new Date(this.clock.wall()).toISOString();
    const more = remedy === undefined ? {} : { remedy };
    this.events.publish({ type: "notice", level: "warn", title, detail, at, ...more });
  }

  /** Waits until all that was said is read, though not for a reader that has stopped reading. */
  async flush(): Promise<void> {
    const all = Promise.all([this.#out.flush(), this.#err.flush()]);
    await Promise.race([all, sleep(this.clock, LAST_WORDS_MS)]);
  }
}

function createSupervisor(
  settings: Settings,
  { places, voice, umask }: {
    readonly places: Places;
    readonly voice: Voice;
    readonly umask: number;
  },
): Supervisor {
  const { boot, clock, events } = voice;
  return new Supervisor({
    engines: settings.engines.map((engine) => ({
      settings: engine,
      socket: engine.socket ?? defaultSocket(places.runtimeDir, engine.name),
    })),
    boot,
    events,
    ports: {
      clock,
      files: systemFiles,
      net: systemNet,
      output: new EngineOutput({ show: (line) => voice.relay(line) }),
      processes: systemProcesses({ umask }),
      connect: (path, engine) => new UnixClient({ path, engine, net: systemNet, clock }),
    },
  });
}

async function openFront(
  settings: Settings,
  { places, voice, supervisor, closing }: {
    readonly places: Places;
    readonly voice: Voice;
    readonly supervisor: Supervisor;
    readonly closing: Closing;
  },
): Promise<{ readonly front: Front; readonly port: number }> {
  const { clock, events } = voice;
  const web = createWeb({
    supervisor,
    events,
    clock,
    random: systemRandom,
    version: manifest.version,
    close: (force) => closing.begin(force),
  });
  const front = new Front({
    clock,
    gateway: createGateway({ supervisor, boot: voice.boot, clock }),
    ours: web.handle,
    renderError: web.renderError,
    onFault: (error) => voice.notice("Internal error", toAiEngineError(error).message),
  });
  const control = await openUnixListener(places.control, "--control (AI_ENGINE_CONTROL)");
  try {
    const tcp = openTcpListener(settings.listen);
    const port = tcp.address.kind === "tcp" ? tcp.address.port : 0;
    front.listen(tcp, { kind: "tcp", address: { ...settings.listen, port } });
    front.listen(control, { kind: "control" });
    return { front, port };
  } catch (error) {
    // In the same turn: nobody can have asked for anything on the control socket yet.
    control.close();
    throw error;
  }
}

function tellOfPidOne(voice: Voice): void {
  voice.notice(
    "Running as PID 1",
    "Processes that engines leave behind stay as zombies, which does no harm here.",
    "Start the container with `--init` to have them reaped.",
  );
}

interface Places {
  readonly runtimeDir: string;
  readonly control: string;
}

function defaultSocket(runtimeDir: string, engine: string): string {
  return join(runtimeDir, `engine-${engine}.sock`);
}

/** Checks every place that is needed, and makes sure that no other supervisor has them. */
async function openPlaces(
  settings: Settings,
  { env, clock }: { readonly env: Readonly<Record<string, string>>; readonly clock: Clock },
): Promise<Places> {
  const runtimeDir = await openRuntimeDir(env);
  const control = settings.control ?? join(runtimeDir, "control.sock");
  if (settings.control === null) checkSocketPath(control, "XDG_RUNTIME_DIR");
  else await checkSocketDir(control, "--control");
  for (const { socket, name } of settings.engines) {
    if (socket === null) {
      checkSocketPath(defaultSocket(runtimeDir, name), "XDG_RUNTIME_DIR");
    } else await checkSocketDir(socket, "--engine-socket");
  }
  const startedAt = new Date(clock.wall()).toISOString();
  await takeLock(runtimeDir, { pid: host.pid, startedAt, control });
  return { runtimeDir, control };
}

/** The close of the program: begun once, forced by a second call. */
class Closing {
  readonly report: Promise<ShutdownReport>;
  readonly #supervisor: Supervisor;
  #resolve: (report: Promise<ShutdownReport>) => void = () => {};
  #isBegun = false;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.report = new Promise((resolve) => this.#resolve = resolve);
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  begin(force: boolean): void {
    this.#isBegun = true;
    this.#resolve(this.#supervisor.shutdown({ force }));
  }
}

function banner(
  settings: Settings,
  { listen, control }: { readonly listen: Settings["listen"]; readonly control: string },
): string[] {
  const engines = settings.engines.map(({ name, command }) => `${name} (${command.join(" ")})`);
  return [
    `AI Engine ${manifest.version}`,
    `  open     http://${formatListen(listen)}`,
    `  engine   ${engines.join(", ")}`,
    `  control  ${control}`,
    `  stop     Ctrl-C, or: ai-engine shutdown`,
  ];
}

function tellClose(report: ShutdownReport, voice: Voice): number {
  if (report.clean) {
    voice.say("closed");
    return 0;
  }
  const names = report.engines.filter(({ how }) => how === "lost" || how === "killed");
  const error = new LifecycleError("unclean_close", {
    detail: `Not everything ended in time: ${names.map(({ name }) => name).join(", ")}.`,
    remedy: "Look for left-over processes with `ps`, and end them by hand.",
  });
  voice.say(`${error.title}: ${error.message} ${error.remedy}`);
  return ERROR_TABLE[error.code].exit;
}
