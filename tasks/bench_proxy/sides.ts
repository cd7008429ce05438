/** What is measured side by side: the backend alone, and the proxies before it. */
import { join } from "@std/path";
import type { OwnedProcess } from "../bench/owned_process.ts";
import { Program } from "../bench/program.ts";
import { askOk } from "../bench/raw_http.ts";
import type { Subject } from "../bench/rig.ts";
import type { Directory, Yard } from "../bench/yard.ts";
import { programOf } from "./packages.ts";
import { type PeerName, PEERS } from "./peers.ts";
import type { ProxyRig } from "./proxy_rig.ts";

/** `ours` is the program from source, `executable` the built one. */
export type SideName = "direct" | "ours" | "nginx" | "caddy" | "haproxy" | "executable";

export const SIDES = [
  "direct",
  "ours",
  "nginx",
  "caddy",
  "haproxy",
  "executable",
] as const satisfies readonly SideName[];

/** Something that answers like the backend. */
export interface Side {
  readonly name: SideName;
  readonly port: number;
  /** Put before the backend's targets. */
  readonly prefix: string;
  /** The process to weigh. */
  readonly pid: number;
}

/** Why a side could not be started, or the side. */
export type SideStart = { readonly kind: "side"; readonly side: Side } | {
  readonly kind: "absent";
  readonly why: string;
};

export interface SideOptions {
  /** Put before every command, e.g. to pin it to a core. @default none */
  readonly before?: readonly string[];
}

/** From the start of a peer until it accepts. */
const START_LIMIT_MS = 10_000;

/** The name of the backend's program, and so of the engine. */
const ENGINE = "proxy_backend";

/** Started sides and what belongs to them. */
export class Sides implements AsyncDisposable {
  readonly starts: Readonly<Record<SideName, SideStart>>;
  readonly #stack: AsyncDisposableStack;

  private constructor(starts: Readonly<Record<SideName, SideStart>>, stack: AsyncDisposableStack) {
    this.starts = starts;
    this.#stack = stack;
  }

  /** Starts all sides that can be started. Throws when there is no backend. */
  static async start(rig: ProxyRig, options: SideOptions = {}): Promise<Sides> {
    const { before = [] } = options;
    await using stack = new AsyncDisposableStack();
    const backend = stack.use(await Backend.start(rig, before));
    const start = async (name: SideName): Promise<SideStart> => {
      try {
        const side = name === "direct"
          ? backend.side
          : name === "ours" || name === "executable"
          ? await startOurs(rig, { name, before, stack })
          : await startPeer(rig, { name, before, stack, socket: backend.socket });
        await checkAnswer(side);
        return { kind: "side", side };
      } catch (error) {
        if (rig.yard.isClosed) throw error;
        const message = error instanceof Error ? error.message : String(error);
        return { kind: "absent", why: message.split("\n")[0] ?? "" };
      }
    };
    const starts = await Promise.all(SIDES.map(async (name) => [name, await start(name)] as const));
    const byName = Object.fromEntries(starts) as Record<SideName, SideStart>;
    return new Sides(byName, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** The backend on its own. */
class Backend implements AsyncDisposable {
  constructor(
    readonly socket: string,
    readonly side: Side,
    readonly process: OwnedProcess,
    readonly directory: Directory,
  ) {}

  static async start({ yard, backend }: ProxyRig, before: readonly string[]): Promise<Backend> {
    const directory = await yard.directory();
    const socket = join(directory.path, "backend.sock");
    const process = yard.spawn([...before, programOf(backend), socket]);
    const [, port] = await process.printed(/http:\/\/127\.0\.0\.1:(\d+)/);
    const side = { name: "direct", port: Number(port), prefix: "", pid: process.pid } as const;
    return new Backend(socket, side, process, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.directory[Symbol.asyncDispose]();
  }
}

interface StartOptions<Name extends SideName> {
  readonly name: Name;
  readonly before: readonly string[];
  readonly stack: AsyncDisposableStack;
}

/** The supervisor with the backend as its engine, ready. */
async function startOurs(
  rig: ProxyRig,
  { name, before, stack }: StartOptions<"ours" | "executable">,
): Promise<Side> {
  const subject: Subject = name === "ours"
    ? rig.source
    : { kind: "executable", argv: [programOf(rig.executable)] };
  const engine = ["--engine", programOf(rig.backend), "--idle-timeout", "-1"];
  const argv = [...before, ...subject.argv, "serve", "--listen", "127.0.0.1:0", ...engine];
  const program = stack.use(await Program.start(rig.yard, argv));
  await program.change(ENGINE, "start");
  const port = Number(new URL(program.url).port);
  return { name, port, prefix: `/upstream/${ENGINE}`, pid: program.process.pid };
}

async function startPeer(
  rig: ProxyRig,
  { name, before, stack, socket }: StartOptions<PeerName> & { readonly socket: string },
): Promise<Side> {
  const directory = stack.use(await rig.yard.directory());
  const place = { socket, port: freePort(), folder: directory.path };
  const { config, args } = PEERS[name](place);
  await Deno.writeTextFile(join(directory.path, "config"), config);
  const process = stack.use(startIn(rig.yard, {
    argv: [...before, programOf(rig.programs[name]), ...args],
    folder: directory.path,
  }));
  await untilAccepting(place.port, process);
  return { name, port: place.port, prefix: "", pid: process.pid };
}

/** With its home in `folder`: Caddy keeps files there. */
function startIn(
  yard: Yard,
  { argv, folder }: { readonly argv: readonly string[]; readonly folder: string },
): OwnedProcess {
  return yard.spawn(argv, {
    env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
  });
}

/** A proxy may well say 200 by itself. */
async function checkAnswer({ port, prefix }: Side): Promise<void> {
  const address = { transport: "tcp", hostname: "127.0.0.1", port } as const;
  const { body } = await askOk(address, { method: "GET", target: `${prefix}/first` });
  if (!body.startsWith('{"id":"cmpl-')) throw new Error("an answer that is not the backend's");
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
