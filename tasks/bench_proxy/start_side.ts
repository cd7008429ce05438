/** Starts the backend and the proxies before it, each in a process of its own. */
import { fromFileUrl, join } from "@std/path";
import type { OwnedProcess } from "../bench/owned_process.ts";
import { Program } from "../bench/program.ts";
import { askOk } from "../bench/raw_http.ts";
import type { Directory } from "../bench/yard.ts";
import { programOf } from "./packages.ts";
import { type PeerName, PEERS } from "./peers.ts";
import type { ProxyRig } from "./proxy_rig.ts";
import type { Side } from "./sides.ts";

/** What a side is started with. */
export interface SidePlace {
  /** Put before its command. */
  readonly before: readonly string[];
  /** Takes what is to be disposed of. */
  readonly stack: AsyncDisposableStack;
  readonly backend: Backend;
}

/** From the start of a peer until it accepts. */
const START_LIMIT_MS = 10_000;

/** The name of the backend's program, and so of the engine. */
const ENGINE = "proxy_backend";

/** How the backend's small answer begins. */
const ANSWER_BEGIN = '{"id":"cmpl-';

/** The backend on its own, for clients and for the other proxies. */
export class Backend implements AsyncDisposable {
  private constructor(
    readonly socket: string,
    readonly side: Side,
    readonly process: OwnedProcess,
    readonly directory: Directory,
  ) {}

  static async start(rig: ProxyRig, before: readonly string[]): Promise<Backend> {
    const directory = await rig.yard.directory();
    const socket = join(directory.path, "backend.sock");
    const process = rig.yard.spawn([...before, programOf(rig.backend), socket]);
    const [, port] = await process.printed(/http:\/\/127\.0\.0\.1:(\d+)/);
    const side = { name: "direct", port: Number(port), prefix: "", pid: process.pid } as const;
    return new Backend(socket, side, process, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.directory[Symbol.asyncDispose]();
  }
}

/** The supervisor with a backend of its own as its engine, ready. */
export async function startOurs(
  rig: ProxyRig,
  name: "ours" | "executable",
  { before, stack }: SidePlace,
): Promise<Side> {
  const program = name === "ours" ? rig.source.argv : [programOf(rig.executable)];
  const engine = ["--engine", programOf(rig.backend), "--idle-timeout", "-1"];
  const argv = [...before, ...program, "serve", "--listen", "127.0.0.1:0", ...engine];
  const started = stack.use(await Program.start(rig.yard, argv));
  await started.change(ENGINE, "start");
  const { pid } = started.process;
  return { name, port: Number(new URL(started.url).port), prefix: `/upstream/${ENGINE}`, pid };
}

/** Another proxy. */
export async function startPeer(
  rig: ProxyRig,
  name: PeerName,
  { before, stack, backend }: SidePlace,
): Promise<Side> {
  const program = programOf(rig.programs[name]);
  const { path: folder } = stack.use(await rig.yard.directory());
  const port = freePort();
  const { config, args } = PEERS[name]({ socket: backend.socket, port, folder });
  await Deno.writeTextFile(join(folder, "config"), config);
  // Caddy keeps files at home.
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const process = stack.use(rig.yard.spawn([...before, program, ...args], { env }));
  await untilAccepting(port, process);
  return { name, port, prefix: "", pid: process.pid };
}

/** Deno's connections and nothing else. */
export async function startBare(
  rig: ProxyRig,
  { before, stack, backend }: SidePlace,
): Promise<Side> {
  const port = freePort();
  const script = fromFileUrl(new URL("bare_splice.ts", import.meta.url));
  const args = [Deno.execPath(), "run", "--quiet", "-A", script, String(port), backend.socket];
  const process = stack.use(rig.yard.spawn([...before, ...args]));
  await untilAccepting(port, process);
  return { name: "bare", port, prefix: "", pid: process.pid };
}

/** Whether the backend answers: a proxy may well say 200 by itself. */
export async function checkAnswer({ port, prefix }: Side): Promise<void> {
  const address = { transport: "tcp", hostname: "127.0.0.1", port } as const;
  const { body } = await askOk(address, { method: "GET", target: `${prefix}/first` });
  if (!body.startsWith(ANSWER_BEGIN)) throw new Error("an answer that is not the backend's");
}

async function untilAccepting(port: number, process: OwnedProcess): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  const ended = process.exited.then(({ code }) => code);
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      const pause = new Promise<null>((resolve) => setTimeout(() => resolve(null), 10));
      const code = await Promise.race([ended, pause]);
      if (code !== null) throw new Error(`ended with code ${code}: ${process.lastError}`);
      if (performance.now() > deadline) throw new Error("accepts no connection");
    }
  }
}

/** A port that nobody has at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
