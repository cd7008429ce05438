/**
 * The composition root: the only room that joins the others to each other and to the machine. Its
 * parts are in src/app.
 *
 * @module
 */
import { join } from "@std/path";
import manifest from "../deno.json" with { type: "json" };
import { checkListenAddress, type Tokens } from "./access/mod.ts";
import { type CliDeps, openControlClient, run, type ServeConfig } from "./cli/mod.ts";
import { banner, urlsOf } from "./app/banner.ts";
import { Closing } from "./app/closing.ts";
import { Configuration } from "./app/configuration.ts";
import { connectionLimit } from "./app/connection_limit.ts";
import { LimitsLoader } from "./app/limits_loader.ts";
import { openListeners } from "./app/listeners.ts";
import { ModelsFolder } from "./app/models_folder.ts";
import { engineSocket, modelsDir, openPlaces, type Places } from "./app/places.ts";
import type { Tls } from "./app/tls.ts";
import type { PackedProgram, PackedProgramOptions } from "./app/packed_program.ts";
import { Voice } from "./app/voice.ts";
import {
  type AccessSettings,
  type ClientLimits,
  ModelTable,
  resolveSettings,
  type Settings,
} from "./config/mod.ts";
import { ERROR_TABLE, LifecycleError, type Processes, toAiEngineError } from "./core/mod.ts";
import { Front } from "./front/mod.ts";
import { createGateway, RequestRecords } from "./gateway/mod.ts";
import {
  catchInterrupt,
  currentDir,
  descriptorLimit,
  environment,
  fillRandom,
  hasTerminal,
  host,
  keepFileThread,
  onClosingSignal,
  onUncaught,
  openRuntimeDir,
  openUrl,
  OrphanGuard,
  processFigures,
  readFileStart,
  readStdinStart,
  removeStaleSockets,
  stderr,
  stdinIsTerminal,
  stdout,
  sweepOrphans,
  type Swept,
  SystemClock,
  systemFiles,
  systemNet,
  systemProcesses,
  systemRandom,
  systemTransports,
  takeCpuProfile,
  takeUmask,
  terminalOutput,
} from "./platform/mod.ts";
import { TransportClient, UnixClient } from "./pool/mod.ts";
import { type ShutdownReport, Supervisor } from "./supervisor/mod.ts";
import { createWeb } from "./web/mod.ts";

/** How long answers in flight may still go out once all engines are gone. */
const LAST_ANSWERS_MS = 500;

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
    stdinIsTerminal: stdinIsTerminal(),
    openUrl,
    async connect(control) {
      const path = control ?? join(await openRuntimeDir(env), "control.sock");
      return await openControlClient(new UnixClient({ path, net: systemNet, clock }), path);
    },
    catchInterrupt,
    isRoot: host.isRoot,
    isThere: async (path) => await systemFiles.info(path) !== null,
    readConfig: async (place) => (await configReader()).readConfigBytes(place),
    loadConfig: async (place, sources) =>
      (await configReader()).loadConfigElsewhere(place, sources),
    resolve: (requested) => resolveSettings(requested, { files: systemFiles, host }),
    openTls: async (files) => (await import("./app/tls.ts")).Tls.open(files),
    examine: async () => (await import("./app/doctor_deps.ts")).doctorDeps(env),
    serve(config) {
      // It has a clock of its own, which tells of suspends; one beat is enough.
      clock.close();
      return serve(config, env);
    },
  };
  return run(argv, deps);
}

/** Only where there is a file. */
function configReader(): Promise<typeof import("./app/config_reader.ts")> {
  return import("./app/config_reader.ts");
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
  config: ServeConfig,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  keepFileThread();
  const { requested } = config;
  const umask = takeUmask();
  const tokens = await openTokens(requested.access);
  const tls = await openTls(config);
  for (const address of requested.listen) {
    checkListenAddress(address, { hasTokens: tokens !== null });
  }
  const found = await resolveSettings(requested, { files: systemFiles, host });
  const models = new ModelTable(found.settings.engines, found.settings.routing);
  const voice = new Voice(found.settings.logs);
  const places = await openPlaces(found.settings, { env, clock: voice.clock, boot: voice.boot });
  const folder = new ModelsFolder({ path: modelsDir(env), sources: config.sources, places, voice });
  const offer = await folder.offer(found.settings);
  const { settings } = offer;
  models.become(new ModelTable(settings.engines, settings.routing));
  const routing = { models, bodyBytes: settings.routing.bodyBytes };
  onUncaught((error) => voice.notice("Internal error", toAiEngineError(error).message));
  tellOfSwept(await sweepOrphans(places.runtimeDir), voice);
  await removeStaleSockets(places.runtimeDir);
  const guard = new OrphanGuard({
    dir: places.runtimeDir,
    boot: voice.boot,
    ...(places.privateDirs === null ? {} : { privateDirs: places.privateDirs }),
    onWeak: (title, detail) => voice.notice(title, detail),
  });
  const limits = new LimitsLoader();
  await limits.loadFor(settings.engines);
  const processes = systemProcesses({
    umask,
    guard,
    prepareLimits: limits.prepare,
    withheld: () => configuration.keyVariables,
  });
  const packed = await openPacked({ voice, env, runtimeDir: places.runtimeDir });
  const supervisor = createSupervisor(settings, { places, voice, processes, packed });
  const closing = new Closing(supervisor);
  const parts = { supervisor, models, tokens, tls, voice, places, limits, folder };
  const configuration = new Configuration(config, { ...offer, ...parts });
  const reloadsOnHup = !hasTerminal();
  // Before anybody can have an engine started.
  onClosingSignal((osSignal) => {
    if (osSignal === "SIGHUP" && reloadsOnHup) return configuration.reloadUnasked();
    voice.say(`${osSignal}: closing${closing.isBegun ? " at once" : "; once more to force it"}`);
    closing.begin(closing.isBegun);
  });
  const { connections, lack } = connectionLimit(descriptorLimit(), { speaksTls: tls !== null });
  /** Known when it listens. */
  const urls: string[] = [];
  const front = createFront({
    urls,
    voice,
    supervisor,
    closing,
    tokens,
    access: settings.access,
    routing,
    maxConnections: connections,
    limits: settings.limits,
    configuration,
  });
  const { control } = places;
  const listeners = await openListeners({ control, listen: settings.listen, tls });
  front.listen(listeners.control, { kind: "control" });
  for (const listener of listeners.listen) front.listen(listener, listener.address);
  urls.push(...urlsOf(listeners.listen));
  for (const line of banner(settings, { control, listen: listeners.listen })) voice.print(line);
  for (const { title, detail, remedy } of [...found.notices, ...tls?.notices ?? []]) {
    voice.notice(title, detail, remedy);
  }
  if (lack !== null) voice.notice("Few connections", lack, "Raise the limit (`ulimit -n`).");
  if (host.pid === 1) tellOfPidOne(voice);
  packed?.begin(settings.engines);
  supervisor.preload();
  await configuration.watch();
  await configuration.watchModels();
  const report = await closing.report;
  configuration.unwatch();
  voice.events.close();
  voice.book.close();
  // The file of a Unix socket goes with its listener: Deno removes it.
  await front.drain(LAST_ANSWERS_MS);
  await tls?.flushed(voice.clock, LAST_ANSWERS_MS);
  await guard.close();
  const exitCode = tellClose(report, voice);
  await voice.flush();
  return exitCode;
}

/** What reads them is loaded only where there are some. */
async function openTokens({ tokenFile }: AccessSettings): Promise<Tokens | null> {
  if (tokenFile === null) return null;
  const file = await import("./app/token_file.ts");
  return await file.openTokens(tokenFile);
}

/** The same. */
async function openTls(config: ServeConfig): Promise<Tls | null> {
  const { tls } = config.requested;
  return tls === null ? null : await (await import("./app/tls.ts")).Tls.openFor(config, tls);
}

/** The same. */
async function openPacked(options: PackedProgramOptions): Promise<PackedProgram | null> {
  if (!host.hasPackedEngine) return null;
  const { PackedProgram } = await import("./app/packed_program.ts");
  return new PackedProgram(options);
}

function createSupervisor(
  settings: Settings,
  { places, voice, processes, packed }: {
    readonly packed: PackedProgram | null;
    readonly places: Places;
    readonly voice: Voice;
    readonly processes: Processes;
  },
): Supervisor {
  const { boot, clock, events } = voice;
  return new Supervisor({
    budget: settings.budget,
    swap: settings.swap,
    engines: settings.engines,
    socketOf: (engine, id) => engineSocket(places, engine, id),
    boot,
    events,
    ports: {
      clock,
      files: systemFiles,
      net: systemNet,
      output: voice.engineOutput(places.logDir),
      processes,
      ...(packed === null ? {} : { prepare: packed.prepare }),
      random: systemRandom,
      transports: systemTransports,
      connect(address, { engine: { name: engine, limits }, ...wish }) {
        const transport = systemTransports.to(address);
        return new TransportClient({ transport, engine, clock, limits, ...wish });
      },
    },
  });
}

function createFront(
  {
    voice,
    supervisor,
    closing,
    tokens,
    access,
    routing,
    maxConnections,
    limits,
    configuration,
    urls,
  }: {
    readonly urls: readonly string[];
    readonly voice: Voice;
    readonly supervisor: Supervisor;
    readonly closing: Closing;
    readonly tokens: Tokens | null;
    readonly access: AccessSettings;
    readonly routing: { readonly models: ModelTable; readonly bodyBytes: number };
    readonly maxConnections: number;
    readonly limits: ClientLimits;
    readonly configuration: Configuration;
  },
): Front {
  const { clock, events } = voice;
  const { models } = routing;
  const gateway = createGateway({ supervisor, boot: voice.boot, clock, tokens, routing });
  const bounds = () => [front, gateway, supervisor, voice].flatMap((one) => one.bounds());
  const web = createWeb({
    supervisor,
    events,
    clock,
    random: systemRandom,
    version: manifest.version,
    tokens,
    close: (force) => closing.begin(force),
    models,
    modelsDir: modelsDir(environment()),
    requests: voice.requests,
    urls,
    profile: takeCpuProfile,
    bounds,
    figures: { counts: voice.counts, requests: voice.requestCounts, process: processFigures },
    logs: voice.book,
    config: () => configuration.view(),
    reload: () => configuration.reload(),
  });
  const front = new Front({
    clock,
    gateway,
    records: new RequestRecords({ desk: voice.requests, fillRandom }),
    ours: web.handle,
    renderError: web.renderError,
    onFault: (error) => voice.notice("Internal error", toAiEngineError(error).message),
    tokens,
    access: namesOf(access),
    maxConnections,
    limits,
  });
  return front;
}

/** Only what is there: most look for no other origin. */
function namesOf({ hosts, origins }: AccessSettings) {
  return {
    ...(hosts.length === 0 ? {} : { hosts: new Set(hosts) }),
    ...(origins.length === 0 ? {} : { origins: new Set(origins) }),
  };
}

function tellOfSwept({ found, left }: Swept, voice: Voice): void {
  if (found === 0) return;
  const detail = `The supervisor before was killed and left ${found} processes, now ended.`;
  if (left.length === 0) voice.notice("Left-over processes", detail);
  else {
    const pids = left.join(", ");
    voice.notice("Left-over processes", `${pids} could not be ended.`, "End them by hand.");
  }
}

function tellOfPidOne(voice: Voice): void {
  voice.notice(
    "Running as PID 1",
    "Processes that engines leave behind stay as zombies, which does no harm here.",
    "Start the container with `--init` to have them reaped.",
  );
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
