/** Answers over real sockets, in simulated time: while one moves, its engine is not taken for dead. */
import { assertEquals } from "@std/assert";
import type { Net } from "../../src/core/mod.ts";
import type { OutgoingRequest } from "../../src/http1/mod.ts";
import { systemNet } from "../../src/platform/mod.ts";
import type { PooledConnection } from "../../src/pool/mod.ts";
import { within } from "../support/program.ts";
import { World } from "./world.ts";

const HEAD = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";

/** An engine that answers nothing but what the test has it say on its one connection. */
class RealSocket implements Disposable {
  readonly net: Net;
  readonly #dir = Deno.makeTempDirSync();
  readonly #listener: Deno.UnixListener;
  #peer: Deno.UnixConn | undefined;

  constructor() {
    const path = `${this.#dir}/engine.sock`;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.net = { connectUnix: () => systemNet.connectUnix(path) };
  }

  async accept(): Promise<void> {
    this.#peer = await this.#listener.accept();
  }

  async say(text: string): Promise<void> {
    await this.#peer?.write(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    this.#peer?.close();
    this.#listener.close();
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

/** A world whose engine is ready and answers neither status nor health any more. */
async function silentWorld(net: Net): Promise<World> {
  const world = new World({ liveness: "restart", idleTimeoutMs: -1 }, net);
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  Object.assign(world.machine.newest.behaviour, { status: null, health: "hangs" });
  return world;
}

interface Moving {
  /** The engine says something, and it arrives. */
  readonly move: () => Promise<void>;
  readonly close: () => void;
}

async function begin(
  connection: PooledConnection,
  socket: RealSocket,
  request: Partial<OutgoingRequest>,
): Promise<void> {
  const body = { kind: "none" } as const;
  connection.begin({ method: "GET", headBytes: HEAD.length, body, saysClose: false, ...request });
  await connection.write(new TextEncoder().encode(HEAD));
  await socket.accept();
}

async function streamedAnswer(connection: PooledConnection, socket: RealSocket): Promise<Moving> {
  await begin(connection, socket, {});
  await socket.say("HTTP/1.1 200 OK\r\n\r\n");
  await connection.read();
  const move = async () => {
    while (connection.next().type !== "need_data");
    await socket.say("data: x\n\n");
    await connection.read();
  };
  return { move, close: () => connection.close() };
}

async function tunnel(connection: PooledConnection, socket: RealSocket): Promise<Moving> {
  await begin(connection, socket, { upgrade: new TextEncoder().encode("x") });
  await socket.say("HTTP/1.1 101 Hi\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  await connection.read();
  connection.next();
  const { stream } = connection.takeOver();
  const buffer = new Uint8Array(16);
  const move = async () => {
    await socket.say("x");
    await stream.read(buffer);
  };
  return { move, close: () => stream.close() };
}

for (const [what, open] of [["an answer", streamedAnswer], ["a tunnel", tunnel]] as const) {
  Deno.test(`an engine that answers nothing else is let be while ${what} moves, and no longer`, async () => {
    using socket = new RealSocket();
    const world = await silentWorld(socket.net);
    const lease = await world.supervisor.lease("echo");
    const { move, close } = await open(await lease.pool.lease(), socket);
    for (let seconds = 0; seconds < 120; seconds += 4) {
      await within(move(), () => "nothing came");
      await world.clock.advance(4_000);
    }
    assertEquals([world.state, world.machine.trees.length], ["ready", 1]);
    await world.clock.advance(25_000);
    assertEquals(world.changes.filter((change) => change.includes("unhealthy")).length > 0, true);
    close();
    lease.release();
    const closed = world.supervisor.shutdown();
    await world.clock.advance(10_000);
    await closed;
  });
}
