/** The event stream as clients of all kinds see it. */
import { assert, assertEquals } from "@std/assert";
import { type RunningProgram, within } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { act, BUILTIN, programTest, sendInput } from "./support/harness.ts";
import { sendRaw } from "./support/raw_http.ts";

const MIB = 2 ** 20;

programTest(
  "a client that never reads costs a bounded mailbox and nobody's time",
  BUILTIN,
  async (program) => {
    // The ring of the last events is full afterwards, and the heap has the size it keeps.
    await sendMany(program, 4_000);
    const before = await residentBytes(program.pid);
    const conn = await sendRaw(program, "GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await sendMany(program, 8_000);
    const grownBytes = await residentBytes(program.pid) - before;
    // All that was published meanwhile would be 66 MB, and as much again as JSON.
    assert(grownBytes < 48 * MIB, `${Math.round(grownBytes / MIB)} MiB more after 8,000 events`);

    const missed = await within(readToGap(conn), () => "No gap came");
    assert(missed > 1_000, `${missed} events were missed`);
  },
);

programTest(
  "what was missed while away is replayed; from another boot it is not",
  BUILTIN,
  async (program) => {
    await using first = await EventStream.open(program);
    const { boot, replay } = await first.next("hello");
    assertEquals(replay, "none");
    await act(program, "start", "builtin");
    await first.state("ready");
    const last = first.events.findLast(({ id }) => id !== null);
    await sendInput(program, "while away", "builtin");

    await using again = await EventStream.open(program, `?after=${last?.id}`);
    assertEquals((await again.next("hello")).replay, "full");
    assertEquals((await again.next("python_input")).input, "while away");
    assertEquals(
      again.events.some(({ type, data }) => type === "state" && data.to === "ready"),
      false,
    );

    const foreign = boot === "00000000" ? "11111111" : "00000000";
    await using lost = await EventStream.open(program, `?after=${foreign}.1`);
    assertEquals((await lost.next("gap")).missed, null);
  },
);

programTest(
  "the stream ends with a word of farewell when the program closes",
  BUILTIN,
  async (program) => {
    await using events = await EventStream.open(program);
    await events.next("snapshot");
    program.signal("SIGTERM");
    assertEquals((await events.next("bye")).reason, "shutdown");
    await events.ended();
    assertEquals((await program.ended()).code, 0);
  },
);

/** Inputs whose events are as large as events get. */
async function sendMany(program: RunningProgram, count: number): Promise<void> {
  const input = "x".repeat(4_096);
  let left = count;
  const sender = async () => {
    while (left-- > 0) assertEquals((await sendInput(program, input, "builtin")).status, 200);
  };
  await Promise.all(Array.from({ length: 8 }, sender));
}

async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** How many events the first `gap` says were missed; closes the connection. */
async function readToGap(conn: Deno.Conn): Promise<number> {
  let text = "";
  for await (const chunk of conn.readable.pipeThrough(new TextDecoderStream())) {
    text = (text + chunk).slice(-100_000);
    const gap = /event: gap\ndata: \{"missed":(\d+)\}/.exec(text);
    if (gap !== null) return Number(gap[1]);
  }
  throw new Error("The stream ended without a gap");
}
