import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ByteStream, DialError, type DialFailure } from "../../src/core/mod.ts";
import { systemNet } from "../../src/platform/mod.ts";
import { leaveStaleSocket, listenDeaf } from "./support/sockets.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { within } from "./support/until.ts";

async function failureOf(path: string): Promise<DialFailure> {
  const error = await assertRejects(() => systemNet.connectUnix(path), DialError);
  if (path.length < 100) assertStringIncludes(error.message, path);
  return error.failure;
}

/** A connected pair: ours and the other end. */
async function withPair(use: (ours: ByteStream, other: Deno.Conn) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    using listener = Deno.listen({ transport: "unix", path: `${dir}/s` });
    const [ours, other] = await Promise.all([
      systemNet.connectUnix(`${dir}/s`),
      listener.accept(),
    ]);
    try {
      await use(ours, other);
    } finally {
      ours.close();
      other.close();
    }
  });
}

Deno.test("a dial says whether nothing is there or nobody listens", () =>
  withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "x");
    await leaveStaleSocket(`${dir}/stale`);
    assertEquals(await failureOf(`${dir}/none`), "no_socket");
    assertEquals(await failureOf(`${dir}/none/below`), "no_socket");
    assertEquals(await failureOf(`${dir}/file/below`), "no_socket");
    assertEquals(await failureOf(`${dir}/stale`), "refused");
    assertEquals(await failureOf(`${dir}/file`), "refused");
    assertEquals(await failureOf(`${dir}/${"x".repeat(120)}`), "other");
  }));

Deno.test("a dial to a listener whose queue is full fails at once and says so", () =>
  withTempDir(async (dir) => {
    const deaf = await listenDeaf(`${dir}/s`);
    const queued: ByteStream[] = [];
    try {
      const error = await assertRejects(async () => {
        for (let i = 0; i < 10; i++) queued.push(await systemNet.connectUnix(`${dir}/s`));
      }, DialError);
      assertEquals(error.failure, "backlog_full");
    } finally {
      for (const stream of queued) stream.close();
      await deaf.end();
    }
  }));

Deno.test("bytes go both ways and end-of-file is null", () =>
  withPair(async (ours, other) => {
    const bytes = Uint8Array.of(1, 2, 3);
    assertEquals(await ours.write(bytes), 3);
    const buffer = new Uint8Array(8);
    assertEquals(await other.read(buffer), 3);
    await other.write(buffer.subarray(0, 2));
    assertEquals(await ours.read(buffer), 2);
    await other.closeWrite();
    assertEquals(await ours.read(buffer), null);
  }));

Deno.test("close() makes a pending read reject, later ones too, and may be called twice", () =>
  withPair(async (ours) => {
    const read = assertRejects(() => ours.read(new Uint8Array(8)));
    ours.close();
    ours.close();
    await within("the read", read);
    await assertRejects(() => ours.read(new Uint8Array(8)));
    await assertRejects(() => ours.write(new Uint8Array(8)));
  }));

Deno.test("close() makes a pending write reject", () =>
  withPair(async (ours) => {
    const bytes = new Uint8Array(1 << 20);
    const writing = assertRejects(async () => {
      // Nobody reads: sooner or later a write has to wait.
      for (;;) await ours.write(bytes);
    });
    await new Promise((resolve) => setTimeout(resolve, 0));
    ours.close();
    await within("the write", writing);
  }));
