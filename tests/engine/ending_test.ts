/** How both engines of our own end: asked, told, or left alone. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { EngineProcess, within } from "./support/engine_process.ts";
import { exists, forBoth } from "./support/engines.ts";
import { RawConnection } from "./support/raw_http.ts";

const HELLO = '{"input":"hello"}';

const ENDS: Readonly<Record<string, (running: EngineProcess) => Promise<void>>> = {
  "POST /stop": async (running) => {
    const answer = await running.ask("POST", "/stop");
    assertEquals([answer.status, answer.json], [200, { status: "stopping" }]);
  },
  "SIGTERM": (running) => Promise.resolve(running.signal("SIGTERM")),
  "SIGINT": (running) => Promise.resolve(running.signal("SIGINT")),
  "the end of stdin": (running) => running.closeStdin(),
};

for (const [name, end] of Object.entries(ENDS)) {
  forBoth(`${name} ends it with 0 and without its file, whoever is connected`, async (engine) => {
    await using running = await EngineProcess.start(engine);
    using kept = await RawConnection.open(running.socket);
    await kept.ask("GET", "/health");
    using _unused = await RawConnection.open(running.socket);
    await end(running);
    const { code, stderr } = await running.ended();
    assertEquals([code, stderr, exists(running.socket)], [0, "", false]);
  });

  forBoth(`${name} lets an input in flight end first`, async (engine) => {
    await using running = await EngineProcess.start(engine);
    using inFlight = await running.beginInput(HELLO);
    await end(running);
    await running.refusesNewRequests();
    await inFlight.write(HELLO.slice(1));
    const answer = await within(inFlight.readAnswer(), "the answer in flight");
    assertEquals([answer.status, answer.json.message], [200, "You said: hello"]);
    assertEquals([(await running.ended()).code, exists(running.socket)], [0, false]);
  });
}

forBoth("a second signal cuts what is in flight", async (engine) => {
  await using running = await EngineProcess.start(engine);
  using inFlight = await running.beginInput(HELLO);
  running.signal("SIGTERM");
  await running.refusesNewRequests();
  running.signal("SIGTERM");
  assertEquals([(await running.ended()).code, exists(running.socket)], [1, false]);
  assertEquals(await inFlight.readAnswerOrEnd(), null);
});

forBoth("without a supervisor an input that never ends does not hold it", async (engine) => {
  await using running = await EngineProcess.start(engine);
  using _inFlight = await running.beginInput(HELLO);
  await running.closeStdin();
  assertEquals([(await running.ended()).code, exists(running.socket)], [1, false]);
});

forBoth("a stdin that is no pipe is not watched", async (engine) => {
  await using running = await EngineProcess.start(engine, { stdin: "null" });
  assertEquals((await running.ask("GET", "/health")).status, 200);
  await running.ask("POST", "/stop");
  assertEquals((await running.ended()).code, 0);
});

forBoth("its output says where it listens and how it ended", async (engine) => {
  await using running = await EngineProcess.start(engine);
  await running.ask("POST", "/input", HELLO);
  await running.ask("POST", "/stop");
  const { stdout } = await running.ended();
  assertEquals(stdout, `listening on ${running.socket}\nstopped after 1 inputs\n`);
});

forBoth("the socket file of a dead engine is replaced", async (engine) => {
  const directory = await Deno.makeTempDir();
  const socket = `${directory}/engine.sock`;
  Deno.listen({ transport: "unix", path: `${directory}/dead.sock` }).close();
  using listener = Deno.listen({ transport: "unix", path: `${directory}/alive.sock` });
  await Deno.rename(`${directory}/alive.sock`, socket); // so that closing leaves the file
  listener.close();
  assert(exists(socket));
  await using running = await EngineProcess.start(engine, { socket });
  assertEquals((await running.ask("GET", "/health")).status, 200);
});

forBoth("a path on which another listens is left alone", async (engine) => {
  const socket = `${await Deno.makeTempDir()}/engine.sock`;
  using _other = Deno.listen({ transport: "unix", path: socket });
  await using refused = await EngineProcess.spawn(engine, { socket });
  const { code, stderr } = await refused.ended();
  assertEquals([code, exists(socket)], [1, true]);
  assertStringIncludes(stderr, `cannot listen on ${socket}: another process listens on it`);
});

forBoth("a file that is no socket is left alone", async (engine) => {
  const socket = `${await Deno.makeTempDir()}/engine.sock`;
  await Deno.writeTextFile(socket, "precious");
  await using refused = await EngineProcess.spawn(engine, { socket });
  assertEquals((await refused.ended()).code, 1);
  assertEquals(await Deno.readTextFile(socket), "precious");
});

forBoth("a missing AI_ENGINE_SOCKET is named", async (engine) => {
  const [program, ...args] = engine.command;
  const env = { AI_ENGINE_SOCKET: "", NO_COLOR: "1" };
  const { code, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  assertEquals(code, 2);
  assertMatch(new TextDecoder().decode(stderr), /^AI_ENGINE_SOCKET is not set.*\n$/);
});
