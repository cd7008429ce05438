import { assertEquals } from "@std/assert";
import type { LogLevel } from "../../../src/config/mod.ts";
import { type AiEngineError, ConnectError, RequestError } from "../../../src/core/mod.ts";
import { logRequests, ProgramLog } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { newRecords, toReceived } from "../../support/request_records.ts";

function open(level: LogLevel) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const json: Record<string, unknown>[] = [];
  const log = new ProgramLog({
    clock,
    levels: { level, rooms: {} },
    pid: 1,
    version: "0",
    text: (line) => void lines.push(line),
    json: (line) => void json.push(JSON.parse(line)),
  });
  const { book, records } = newRecords(clock);
  logRequests({ requests: book, log, clock });
  const begin = (path = "/upstream/e/x?key=secret") => {
    const record = records.of(toReceived(new Request(`http://localhost${path}`)));
    record.begin("upstream", "e");
    return record;
  };
  return { clock, lines, json, begin };
}

const BROKE: AiEngineError = new ConnectError("upstream_failed", "after_send", {
  detail: "It broke.",
  remedy: "Mend it.",
});

Deno.test("what failed here is a warning with the request's names, what did not is for debugging", () => {
  const { lines, json, begin } = open("info");
  const good = begin();
  good.answers(500);
  good.end("answered");
  begin().end("left");
  begin().refuse(new RequestError("not_found", { detail: "No.", remedy: "None." }));
  assertEquals(lines, []);
  begin().refuse(BROKE);
  begin().end("cut");
  assertEquals(lines, [
    "e: GET /upstream/e/x: refused (Engine did not answer properly) after 0 ms",
    "e: GET /upstream/e/x: cut after 0 ms",
  ]);
  assertEquals(json[0]?.["trace.id"], "04".repeat(16));
  assertEquals(json[0]?.["http.request.id"], "04".repeat(8));
  assertEquals(json[0]?.["event.reason"], "upstream_failed");
});

Deno.test("for debugging there is a line of each request", async () => {
  const { clock, lines, begin } = open("debug");
  const record = begin();
  record.answers(404);
  await clock.advance(1_200);
  record.end("answered");
  begin().end("left");
  assertEquals(lines, [
    "e: GET /upstream/e/x: 404 after 1.2 s",
    "e: GET /upstream/e/x: left after 0 ms",
  ]);
});

Deno.test("of a flood of failures ten a second are told, and how many were not", async () => {
  const { clock, lines, begin } = open("info");
  for (let n = 0; n < 100; n++) begin().end("cut");
  assertEquals(lines.length, 10);
  await clock.advance(1_000);
  begin().end("cut");
  assertEquals(lines.slice(10), [
    "e: GET /upstream/e/x: cut after 0 ms; 90 more failed that are not told of",
  ]);
});
