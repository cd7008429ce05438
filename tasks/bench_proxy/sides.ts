/** What is measured side by side: the backend alone, and the proxies before it. */
import { isPeer } from "./peers.ts";
import type { ProxyRig } from "./proxy_rig.ts";
import {
  Backend,
  checkAnswer,
  type SidePlace,
  startBare,
  startOurs,
  startPeer,
} from "./start_side.ts";

/** `bare` is what the runtime can do, `ours` the program from source, `executable` the built one. */
export const SIDES = ["direct", "bare", "ours", "nginx", "caddy", "haproxy", "executable"] as const;

export type SideName = typeof SIDES[number];

/** Something for each side. */
export type BySide<T> = Readonly<Record<SideName, T>>;

/** Something that answers like the backend. */
export interface Side {
  readonly name: SideName;
  readonly port: number;
  /** Put before the backend's targets. */
  readonly prefix: string;
  /** The process to weigh. */
  readonly pid: number;
}

/** A side, or why there is none. */
export type SideStart =
  | { readonly kind: "side"; readonly side: Side }
  | { readonly kind: "absent"; readonly why: string };

export interface SideOptions {
  /** Put before every command, e.g. to pin it to a core. @default none */
  readonly before?: readonly string[];
}

/** Makes something for each side. */
export function bySide<T>(make: (name: SideName) => T): BySide<T> {
  return Object.fromEntries(SIDES.map((name) => [name, make(name)])) as BySide<T>;
}

/** Started sides and what belongs to them. */
export class Sides implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;

  private constructor(readonly starts: BySide<SideStart>, stack: AsyncDisposableStack) {
    this.#stack = stack;
  }

  /** Starts all sides that can be started. */
  static async start(rig: ProxyRig, { before = [] }: SideOptions = {}): Promise<Sides> {
    await using stack = new AsyncDisposableStack();
    const { backend: program } = rig;
    if (program.kind === "missing") {
      const { why } = program;
      return new Sides(bySide(() => ({ kind: "absent", why })), stack.move());
    }
    const backend = stack.use(await Backend.start(rig, before));
    const start = async (name: SideName): Promise<SideStart> => {
      try {
        const place = { before, stack, backend };
        const side = await startSide(rig, name, place);
        await checkAnswer(side);
        return { kind: "side", side };
      } catch (error) {
        if (rig.yard.isClosed) throw error;
        return { kind: "absent", why: firstLine(error) };
      }
    };
    const starts = bySide(start);
    const settled = new Map(
      await Promise.all(SIDES.map(async (name) => [name, await starts[name]] as const)),
    );
    return new Sides(bySide((name) => settled.get(name)!), stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function startSide(rig: ProxyRig, name: SideName, place: SidePlace): Promise<Side> {
  if (name === "direct") return place.backend.side;
  if (name === "bare") return await startBare(rig, place);
  return await (isPeer(name) ? startPeer(rig, name, place) : startOurs(rig, name, place));
}

/** What went wrong, for a cell of the table. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] ?? "";
}
