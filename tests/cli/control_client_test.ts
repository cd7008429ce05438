import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { SocketControlClient } from "../../src/cli/control_client.ts";
import { ConnectError, ProtocolError, TimeoutError } from "../../src/core/mod.ts";
import type {
  ClientRequest,
  ClientResponse,
  InstancePool,
  RequestOptions,
} from "../../src/pool/mod.ts";

const WORDS = { detail: "The reason.", remedy: "R." };

/** A client whose every exchange ends as told. */
class FakeInstanceClient implements InstancePool {
  readonly seen: [ClientRequest, RequestOptions | undefined][] = [];
  isClosed = false;
  constructor(readonly outcome: ClientResponse | Error) {}

  request(request: ClientRequest, options?: RequestOptions): Promise<ClientResponse> {
    this.seen.push([request, options]);
    return this.outcome instanceof Error
      ? Promise.reject(this.outcome)
      : Promise.resolve(this.outcome);
  }

  lease(): never {
    throw new TypeError("no stream was expected");
  }

  close(): void {
    this.isClosed = true;
  }
}

function answering(text: string, status = 200): FakeInstanceClient {
  return new FakeInstanceClient({ status, fields: [], body: new TextEncoder().encode(text) });
}

Deno.test("a request goes out as JSON on a connection of its own, within its limit", async () => {
  const instance = answering('{"a":[1]}', 202);
  const client = new SocketControlClient(instance, "/run/c.sock");
  const { signal } = new AbortController();
  const body = { input: "grüße" };
  const answer = await client.request({ method: "POST", target: "/x", body }, {
    signal,
    limitMs: 7_000,
  });
  assertEquals(answer, { status: 202, text: '{"a":[1]}', json: { a: [1] } });
  const [request, options] = instance.seen[0] ?? [];
  assertEquals(request?.fields, [
    ["accept", "application/json"],
    ["content-type", "application/json"],
  ]);
  assertEquals(new TextDecoder().decode(request?.body), '{"input":"grüße"}');
  assertEquals([options?.fresh, options?.totalMs, options?.headMs], [true, 7_000, 7_000]);
  assert(options?.signal === signal);
  client.close();
  assert(instance.isClosed);
});

Deno.test("a request without a body says nothing of one, and has ten seconds", async () => {
  const instance = answering("not json");
  const client = new SocketControlClient(instance, "/run/c.sock");
  assertEquals(await client.request({ method: "GET", target: "/x" }), {
    status: 200,
    text: "not json",
    json: undefined,
  });
  assertEquals(instance.seen[0]?.[0], {
    method: "GET",
    target: "/x",
    fields: [["accept", "application/json"]],
  });
  assertEquals(instance.seen[0]?.[1]?.totalMs, 10_000);
});

Deno.test("whatever goes wrong on the wire, the supervisor is not reachable, and the words say why", async () => {
  const cases: readonly [Error, ConnectError["stage"], string, string][] = [
    [
      new ConnectError("upstream_failed", "before_send", WORDS),
      "before_send",
      "No supervisor listens on /run/c.sock.",
      "Start it with `ai-engine serve`",
    ],
    [
      new ConnectError("upstream_failed", "after_send", WORDS),
      "after_send",
      "broke off before it answered",
      "`ai-engine status`",
    ],
    [
      new TimeoutError("total", WORDS),
      "after_send",
      "did not answer in time: The reason.",
      "`ai-engine status`",
    ],
    [
      new ProtocolError("remote", "BAD_STATUS", WORDS),
      "after_send",
      "does not speak as AI Engine does: The reason.",
      "--control",
    ],
  ];
  for (const [cause, stage, detail, remedy] of cases) {
    const client = new SocketControlClient(new FakeInstanceClient(cause), "/run/c.sock");
    const request = client.request({ method: "GET", target: "/x" });
    const error = await assertRejects(() => request, ConnectError, detail);
    assertEquals([error.code, error.stage, error.cause], ["unreachable", stage, cause]);
    assertStringIncludes(error.remedy, remedy);
  }
});

Deno.test("a cancelled request rejects with the reason of its signal", async () => {
  const reason = new DOMException("interrupted", "AbortError");
  const client = new SocketControlClient(new FakeInstanceClient(reason), "/run/c.sock");
  const request = client.request({ method: "GET", target: "/x" });
  assertInstanceOf(await assertRejects(() => request), DOMException);
});
