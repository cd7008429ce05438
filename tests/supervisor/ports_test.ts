/** Engines that listen on a port, in a world of fakes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { outcome, World } from "./world.ts";

Deno.test("each process gets a port of its own, and the view tells it", async () => {
  const { supervisor, machine, clock } = new World({ command: ["e", "-p", "${PORT}"] });
  assertEquals(supervisor.view("echo").socket, "127.0.0.1:0");
  const start = async () => {
    const starting = supervisor.start("echo");
    await clock.advance(50);
    return await starting;
  };
  assertEquals((await start()).socket, "127.0.0.1:40001");
  machine.newest.exit(1);
  await clock.advance(100);
  assertEquals((await start()).socket, "127.0.0.1:40002");
  const [{ spec }] = machine.trees.slice(-1) as [typeof machine.newest];
  assertEquals(spec.argv, ["e", "-p", "40002"]);
  const { AI_ENGINE_PORT, AI_ENGINE_SOCKET } = spec.env;
  assertEquals([AI_ENGINE_PORT, AI_ENGINE_SOCKET], ["40002", undefined]);
});

Deno.test("a socket is preferred where both are told; the port is one more then", async () => {
  const { supervisor, machine, clock } = new World({ command: ["e", "${SOCKET}", "${PORT}"] });
  const starting = supervisor.start("echo");
  await clock.advance(50);
  assertEquals((await starting).socket, "/run/echo.sock");
  assertEquals(machine.newest.spec.argv, ["e", "/run/echo.sock", "40001"]);
});

Deno.test("a port that is set and taken refuses the start, by its name", async () => {
  const { supervisor, machine } = new World({ port: 8080 });
  machine.takenPorts.add(8080);
  assertEquals(await outcome(supervisor.start("echo")), "spawn_failed");
  const { state, lastError } = supervisor.view("echo");
  assertEquals(state, "failed");
  assertStringIncludes(lastError?.detail ?? "", "127.0.0.1:8080 is in use");
  assertEquals(machine.trees.length, 0);
});

Deno.test("who answers on its port and is another is not asked, and told once", async () => {
  const world = new World({ command: ["e", "${PORT}"], startTimeoutMs: 5_000 });
  const { supervisor, machine, clock } = world;
  machine.next = { ...machine.next, ownsPort: false };
  const starting = outcome(supervisor.start("echo"));
  await clock.advance(6_000);
  assertEquals(await starting, "start_timeout");
  assertEquals(machine.seen, []);
  assertEquals(world.notices(), ["Another program on its port"]);
});

Deno.test("where nobody can tell whose a port is, who answers there is taken for the engine", async () => {
  const { supervisor, machine, clock } = new World({ command: ["e", "${PORT}"] });
  machine.next = { ...machine.next, ownsPort: null };
  const starting = supervisor.start("echo");
  await clock.advance(50);
  assertEquals((await starting).state, "ready");
});

for (const by of ["health", "accept"] as const) {
  Deno.test(`a line is waited for, and then a connection: ${by} is not asked`, async () => {
    const { supervisor, machine, clock } = new World({ ready: { by, line: "/ready \\d+/i" } });
    machine.next = { ...machine.next, health: 503 };
    const starting = supervisor.start("echo");
    await clock.advance(500);
    assertEquals(supervisor.view("echo").state, "starting");
    machine.newest.print("not yet\nREA");
    machine.newest.print("DY 12");
    await clock.advance(50);
    assertEquals((await starting).state, "ready");
    assertEquals(machine.seen.filter((one) => one.includes("health")), []);
  });
}
