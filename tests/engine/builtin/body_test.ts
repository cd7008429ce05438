import { assert, assertEquals } from "@std/assert";
import { type Body, readBody } from "../../../engine/builtin/body.ts";

const LIMITS = { maxBytes: 10, lingerMs: 10 };

/** A request whose body gives `chunks` when asked, and then does what `atEnd` says. */
function requestOf(
  chunks: readonly string[],
  atEnd: (controller: ReadableStreamDefaultController<Uint8Array>) => void,
): { readonly request: Request; readonly pulled: () => number } {
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk === undefined) atEnd(controller);
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  }, { highWaterMark: 0 });
  return { request: new Request("http://localhost", { method: "POST", body }), pulled: () => next };
}

function textOf(body: Body): string {
  assert(body.kind === "whole", body.kind);
  return new TextDecoder().decode(body.bytes);
}

Deno.test("readBody() joins chunks up to exactly the limit", async () => {
  const { request } = requestOf(["01234", "56789"], (controller) => controller.close());
  assertEquals(textOf(await readBody(request, LIMITS)), "0123456789");
});

Deno.test("readBody() gives an empty body for none", async () => {
  assertEquals(textOf(await readBody(new Request("http://localhost"), LIMITS)), "");
});

Deno.test("readBody() reads what is too much to its end", async () => {
  const chunks = Array.from({ length: 100 }, () => "0123");
  const { request, pulled } = requestOf(chunks, (controller) => controller.close());
  assertEquals(await readBody(request, LIMITS), { kind: "too_large" });
  assertEquals(pulled(), 101);
});

Deno.test("readBody() does not wait for the end of what is too much", async () => {
  const { request } = requestOf(["0123456789", "0"], () => {});
  assertEquals(await readBody(request, LIMITS), { kind: "too_large" });
});

Deno.test("readBody() tells a sender that left, before and after the limit", async () => {
  const leave = (controller: ReadableStreamDefaultController<Uint8Array>) =>
    controller.error(new TypeError("connection closed"));
  for (const chunks of [["01"], ["0123456789", "0"]]) {
    assertEquals(await readBody(requestOf(chunks, leave).request, LIMITS), { kind: "gone" });
  }
});
