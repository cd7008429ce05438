/** A body on its way to the engine, from a client that a test plays. */
import { assertEquals, assertRejects } from "@std/assert";
import { RequestError } from "../../src/core/mod.ts";
import type { ClientExchange } from "../../src/gateway/mod.ts";
import { ClientBodyError, RequestBody } from "../../src/gateway/request_body.ts";
import { WireBuffer } from "../../src/http1/mod.ts";
import type { PooledConnection } from "../../src/pool/mod.ts";

const PACE = { waits() {}, writes() {} };
const BROKEN = new RequestError("bad_request", { detail: "It broke.", remedy: "Mend it." });
const PIECE = { type: "data", bytes: new Uint8Array(10) } as const;

/** The next piece breaks as soon as it is asked for, or when it should come. */
const BREAKS = {
  "at once": () => {
    throw BROKEN;
  },
  "later": () => Promise.reject(BROKEN),
};

for (const [when, breakOff] of Object.entries(BREAKS)) {
  Deno.test(`a body that breaks ${when} while a piece is written is the client's fault`, async () => {
    let asked = 0;
    const exchange = {
      record: { bytesIn: 0 },
      framing: { kind: "length", bytes: 30 },
      nextBody: () => ++asked === 1 ? Promise.resolve(PIECE) : breakOff(),
    };
    const written: number[] = [];
    const connection = {
      write: ({ length }: Uint8Array) => Promise.resolve(void written.push(length)),
    };
    const skips = { trailers: () => undefined };
    const body = new RequestBody(
      exchange as unknown as ClientExchange,
      new WireBuffer(),
      skips as unknown as ConstructorParameters<typeof RequestBody>[2],
    );
    body.takeHere();
    const error = await assertRejects(
      () => body.writeRest(connection as unknown as PooledConnection, PACE),
      ClientBodyError,
    );
    assertEquals([error.cause, written], [BROKEN, [10]]);
  });
}
