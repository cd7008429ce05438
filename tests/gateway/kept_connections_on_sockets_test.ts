/** Engines that end their connections as they like, and engines too busy to accept: real sockets. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { get, House, ok, readTo, send } from "./support/house.ts";

/** A small generator of chances, the same in each run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

Deno.test("engines that close between requests, or under one: no GET fails, no POST is served twice", async () => {
  await using house = new House();
  const chance = chances(5);
  const seen = new Map<string, number>();
  let broken = 0;
  house.play = async (conn) => {
    for (let turn = 0;; turn++) {
      const head = await readTo(conn, "\r\n\r\n");
      if (head === null) return;
      const id = / \/(\S+) /.exec(head)?.[1] ?? "";
      seen.set(id, (seen.get(id) ?? 0) + 1);
      // Its first request is answered, so that a request that is sent again ends well.
      const breaks = turn > 0 && chance() < 0.1;
      if (breaks) broken++;
      else await send(conn, ok(id));
      if (breaks || chance() < 0.3) return;
    }
  };
  const ask = async (client: number) => {
    const conn = await house.connect();
    for (let turn = 0; turn < 100; turn++) {
      const method = chance() < 0.5 ? "GET" : "POST";
      const id = `${method}-${client}-${turn}`;
      await send(conn, `${method} /upstream/e/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const answer = await readAnswer(conn);
      const status = answer.slice(9, 12);
      const times = seen.get(id) ?? 0;
      if (status === "200") assert(answer.endsWith(`\r\n\r\n${id}`), `${id} has its own answer`);
      else assertEquals([status, method], ["502", "POST"], id);
      assert(times <= (method === "GET" ? 2 : 1), `${id} was served ${times} times`);
    }
    conn.close();
  };
  await Promise.all(Array.from({ length: 16 }, (_, client) => ask(client)));
  await house.until(() => house.held === 0, "every lease is back");
  assert(house.dials > 100 && broken > 10, `${house.dials} dials, ${broken} broke off`);
});

/** One answer with a length; the connection stays. */
async function readAnswer(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  for (let text = "";;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`the end came after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(buffer.subarray(0, count));
    const headEnd = text.indexOf("\r\n\r\n") + 4;
    const length = Number(/^content-length: (\d+)$/im.exec(text)?.[1]);
    if (headEnd >= 4 && text.length === headEnd + length) return text;
  }
}

/** Connects until the queue of the engine's socket is full. */
async function fillBacklog(path: string): Promise<Deno.Conn[]> {
  const fillers: Deno.Conn[] = [];
  try {
    for (;;) fillers.push(await Deno.connect({ transport: "unix", path }));
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
  }
  return fillers;
}

Deno.test("a full backlog is waited for: a POST is answered once the engine accepts", async () => {
  await using house = new House({ engine: "deaf" });
  const fillers = await fillBacklog(house.path);
  const asking = house.ask(
    "POST /upstream/e/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  );
  await house.until(() => house.held === 1, "the request is on its way");
  for (const filler of fillers) filler.close();
  house.wake();
  assertMatch(await asking, /^HTTP\/1\.1 200 [^]*hello$/);
  assertEquals([house.held, house.faults], [0, []]);
});

Deno.test("a backlog that stays full is given up: 504, and nothing is left waiting", async () => {
  await using house = new House({ engine: "deaf" });
  const fillers = await fillBacklog(house.path);
  const asking = [1, 2, 3].map(() => house.ask(get("/upstream/e/", "Connection: close")));
  for (const answer of await Promise.all(asking)) assertMatch(answer, /^HTTP\/1\.1 504 /);
  assertEquals([house.held, house.faults], [0, []]);
  for (const filler of fillers) filler.close();
  house.wake();
  assertMatch(await house.ask(get("/upstream/e/", "Connection: close")), /^HTTP\/1\.1 200 /);
});

Deno.test("a client that leaves while a full backlog is waited for is never sent to the engine", async () => {
  await using house = new House({ engine: "deaf" });
  const fillers = await fillBacklog(house.path);
  const client = await house.connect(get("/upstream/e/"));
  await house.until(() => house.held === 1, "the request is on its way");
  client.close();
  // Before the dial is given up, which would give it back as well.
  await house.until(() => house.held === 0, "the lease is back", 900);
  let heads = 0;
  house.play = async (conn) => void ((await readTo(conn, "\r\n\r\n")) !== null && heads++);
  for (const filler of fillers) filler.close();
  house.wake();
  await house.until(() => house.dials >= fillers.length && house.open === 0, "all were accepted");
  assertEquals(heads, 0);
});
