/** The typed client, against the API with a supervisor that a test plays. */
import { assert, assertEquals } from "@std/assert";
import { EngineCallError, EngineClient } from "../../clients/ai_engine.ts";
import { CallError } from "../../src/core/mod.ts";
import { WebWorld } from "../web/support/web_world.ts";

type Functions = {
  cosine(argument: { a: number[]; b: number[] }): number;
  echo(argument: Uint8Array): Uint8Array;
  now(argument?: null): string;
};

function clientOf(world: WebWorld): EngineClient<Functions> {
  const url = "http://127.0.0.1:7411";
  return new EngineClient({ engine: "echo", url, fetch: (request) => world.handle(request) });
}

Deno.test("a call has the types of its function, JSON and raw bytes", async () => {
  const world = new WebWorld();
  const client = clientOf(world);
  world.supervisor.script.call = (_engine, { name, argument }) => {
    if (name === "echo") return Promise.resolve(argument);
    const { a } = JSON.parse(new TextDecoder().decode(argument.bytes)) ?? { a: ["none"] };
    return Promise.resolve({
      format: "json",
      bytes: new TextEncoder().encode(JSON.stringify(a[0])),
    });
  };
  const alike: number = await client.call("cosine", { a: [0.5], b: [1] });
  const bytes: Uint8Array = await client.call("echo", Uint8Array.of(0, 255));
  const now: string = await client.call("now", undefined);
  assertEquals([alike, bytes, now], [0.5, Uint8Array.of(0, 255), "none"]);
  // @ts-expect-error: there is no such function
  await client.call("other", null);
  // @ts-expect-error: it takes no text
  await client.call("cosine", { a: "1", b: [1] });
});

Deno.test("what went wrong is an error with code, status, remedy and what was raised", async () => {
  const world = new WebWorld();
  const raised = { type: "ValueError", message: "no" };
  world.supervisor.script.call = () =>
    Promise.reject(new CallError(raised, { detail: "It failed.", remedy: "Mend it." }));
  const error = await clientOf(world).call("now", null).catch((error) => error);
  assert(error instanceof EngineCallError);
  const { message, code, status, remedy } = error;
  assertEquals([message, code, status, remedy], ["It failed.", "call_failed", 502, "Mend it."]);
  assertEquals(error.raised, raised);
});

Deno.test("an answer that is no supervisor's is an error with its status", async () => {
  for (const body of ["<html>", "null", ""]) {
    const fetch = () => Promise.resolve(new Response(body, { status: 503 }));
    const client = new EngineClient<Functions>({ engine: "echo", fetch });
    const error = await client.call("now", null).catch((error) => error);
    assert(error instanceof EngineCallError);
    assertEquals([error.status, error.code, error.raised], [503, "unknown", null]);
  }
});

Deno.test("token, time and signal go with the call; names can't leave their place", async () => {
  const over = new AbortController();
  let seen: Request | undefined;
  const client = new EngineClient<Functions>({
    engine: "a/../b",
    token: "secret",
    fetch: (request) => {
      seen = request;
      return Promise.resolve(Response.json(1));
    },
  });
  await client.call("cosine", { a: [], b: [] }, { signal: over.signal, timeoutMs: 250 });
  assertEquals(
    seen?.url,
    "http://127.0.0.1:7411/api/engines/a%2F..%2Fb/call/cosine?timeoutMs=250",
  );
  assertEquals(seen?.headers.get("authorization"), "Bearer secret");
  over.abort();
  assert(seen?.signal.aborted);
});
