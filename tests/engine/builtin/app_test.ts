import { assertEquals, assertRejects } from "@std/assert";
import { type App, type AppDeps, createApp } from "../../../engine/builtin/app.ts";

const HELLO = '{"input":"hello"}';

function testApp(deps: Partial<AppDeps> = {}): App {
  return createApp({ requestStop: () => {}, now: () => 0, wall: () => 1_234_567_890_500, ...deps });
}

async function ask(app: App, target: string, init: RequestInit = {}): Promise<unknown[]> {
  const answer = await app.handle(new Request(`http+unix://localhost${target}`, init));
  return [answer.status, await answer.json()];
}

Deno.test("an input is answered with count and time", async () => {
  const app = testApp();
  for (const count of [1, 2]) {
    assertEquals(await ask(app, "/input", { method: "POST", body: HELLO }), [
      200,
      { input: "hello", message: "You said: hello", count, timestamp: 1_234_567_890.5 },
    ]);
  }
  assertEquals(app.answered, 2);
});

Deno.test("up time counts from the app's making", async () => {
  let nowMs = 5_000;
  const app = testApp({ now: () => nowMs });
  nowMs += 2_500;
  assertEquals(await ask(app, "/status?a=/stop"), [200, {
    status: "running",
    count: 0,
    uptime: 2.5,
    busy: false,
    models: [],
    timestamp: 1_234_567_890.5,
  }]);
});

Deno.test("it is busy while an input is worked on", async () => {
  const work = Promise.withResolvers<string>();
  const began = Promise.withResolvers<void>();
  const app = testApp({
    reply: () => {
      began.resolve();
      return work.promise;
    },
  });
  const isBusy = async () => {
    const answer = await app.handle(new Request("http://localhost/status"));
    return (await answer.json()).busy;
  };
  const answering = ask(app, "/input", { method: "POST", body: HELLO });
  await began.promise;
  assertEquals(await isBusy(), true);
  work.resolve("done");
  await answering;
  assertEquals(await isBusy(), false);
});

Deno.test("work that fails is neither counted nor busy afterwards", async () => {
  const app = testApp({ reply: () => Promise.reject(new Error("boom")) });
  await assertRejects(() => ask(app, "/input", { method: "POST", body: HELLO }), Error, "boom");
  const [, status] = await ask(app, "/status");
  assertEquals(status, {
    status: "running",
    count: 0,
    uptime: 0,
    busy: false,
    models: [],
    timestamp: 1_234_567_890.5,
  });
});

Deno.test("only POST /stop asks for the end", async () => {
  let stops = 0;
  const app = testApp({ requestStop: () => stops++ });
  const wrong = await app.handle(new Request("http://localhost/stop"));
  assertEquals([wrong.status, wrong.headers.get("allow"), stops], [405, "POST", 0]);
  assertEquals(await ask(app, "/stop", { method: "POST" }), [200, { status: "stopping" }]);
  assertEquals(stops, 1);
});

Deno.test("a Host that breaks the URL does not break the answer", async () => {
  for (const url of ["http+unix://evil[/health", "http+unix:///health", "http+unix://a b/health"]) {
    const request = { url, method: "GET", body: null } as unknown as Request;
    assertEquals((await testApp().handle(request)).status, 200);
  }
});
