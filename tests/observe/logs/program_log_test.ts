import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LogLevels } from "../../../src/config/mod.ts";
import { ProgramLog } from "../../../src/observe/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function open(levels: Partial<LogLevels> = {}) {
  const texts: string[] = [];
  const lines: string[] = [];
  const log = new ProgramLog({
    clock: new FakeClock(),
    levels: { level: "info", rooms: {}, ...levels },
    pid: 42,
    version: "1.2.3",
    text: (line) => void texts.push(line),
    json: (line) => void lines.push(line),
  });
  return { log, texts, lines };
}

Deno.test("a record is a line of text, and one of JSON with the names of ECS", () => {
  const { log, texts, lines } = open();
  const labels = { engine: "a", to: "ready" };
  const record = { level: "info", room: "supervisor", message: 'a: "ready"', labels } as const;
  log.write({ ...record, action: "state", reason: "idle", tookMs: 1.5 });
  assertEquals(texts, ['a: "ready"']);
  assertEquals(lines.map((line) => JSON.parse(line)), [{
    "@timestamp": "2025-01-01T00:00:00.000Z",
    "log.level": "info",
    "ecs.version": "8.11",
    "service.name": "ai-engine",
    "service.version": "1.2.3",
    "process.pid": 42,
    message: 'a: "ready"',
    "log.logger": "supervisor",
    "event.dataset": "ai-engine.log",
    "event.action": "state",
    "event.reason": "idle",
    "event.duration": 1_500_000,
    labels,
  }]);
});

Deno.test("a message with newlines and quotes stays one line of JSON", () => {
  const { log, lines } = open();
  const message = 'a\nb"\u2028{}\0';
  log.write({ level: "warn", room: "app", message });
  assertEquals(lines.length, 1);
  assertEquals(lines[0]?.includes("\n"), false);
  assertEquals(JSON.parse(lines[0] ?? "").message, message);
});

Deno.test("whatever a message holds, it is one line that steers no terminal, as text and as JSON", () => {
  const { log, texts, lines } = open();
  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom(
      "\n",
      "\r\n",
      "\x1b[2J",
      "\x9b31m",
      "\x1b]0;x\x07",
      "\u2028",
      "[ai-engine] ",
      "\x7f",
    ),
  );
  fc.assert(fc.property(fc.array(part), (parts) => {
    texts.length = lines.length = 0;
    const message = parts.join("");
    log.write({ level: "warn", room: "app", message, labels: { engine: message } });
    log.relay("llm", message);
    assertEquals([texts.length, lines.length], [1, 2]);
    for (const line of [...texts, ...lines]) {
      // deno-lint-ignore no-control-regex
      assertEquals(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(line), false, line);
    }
    for (const line of lines) assertEquals(JSON.parse(line).message, message);
  }));
  log.write({ level: "warn", room: "app", message: "a\nb\x1b[31m\tc" });
  assertEquals(texts.at(-1), "a b\tc");
});

Deno.test("what is below the level is not told; a room may have a level of its own", () => {
  const { log, texts } = open({ level: "warn", rooms: { front: "debug", app: "error" } });
  for (const room of ["front", "app", "other"]) {
    for (const level of ["debug", "info", "warn", "error"] as const) {
      log.write({ level, room, message: `${room} ${level}` });
    }
  }
  assertEquals(texts, [
    "front debug",
    "front info",
    "front warn",
    "front error",
    "app error",
    "other warn",
    "other error",
  ]);
});

Deno.test("an engine's line is told as JSON under the engine's name, whatever the level", () => {
  const { log, texts, lines } = open({ level: "error" });
  log.relay("llm", "loading");
  assertEquals(texts, []);
  const { message, "service.name": service, labels } = JSON.parse(lines[0] ?? "");
  assertEquals({ message, service, labels }, {
    message: "loading",
    service: "llm",
    labels: { engine: "llm" },
  });
});
