/** An input whose answer is plain text: each piece of it is passed on as it comes. */
import { assertEquals } from "@std/assert";
import { EventStream } from "./support/event_stream.ts";
import { openGate, programTest, scripted } from "./support/harness.ts";

programTest("an answer of plain text goes on word by word", scripted(), async (program) => {
  const response = await program.fetch("/api/engines/scripted/input", {
    method: "POST",
    headers: { accept: "text/event-stream" },
    body: JSON.stringify({ input: "spell GATE grüß dich" }),
  });
  let text = "";
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("event: chunk")) text += (await reader?.read())?.value ?? "";
  assertEquals(text.includes('data: {"text":"grüß"}'), true, text);
  assertEquals(text.includes("dich"), false, text);
  await openGate(program, "GATE");
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    text += part.value;
  }
  const types = Array.from(text.matchAll(/^event: (.+)$/gm), ([, type]) => type);
  assertEquals(types.filter((type) => type !== "phase"), ["chunk", "chunk", "done"], text);
  assertEquals(text.includes('data: {"text":" dich"}'), true, text);
});

programTest("who wants JSON gets such an answer whole, as it came", scripted(), async (program) => {
  await openGate(program, "GATE");
  await using events = await EventStream.open(program);
  const body = JSON.stringify({ input: "spell GATE a b c" });
  const response = await program.fetch("/api/engines/scripted/input", { method: "POST", body });
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(await response.text(), "a b c");
  const { message, cut } = await events.next("python_input");
  assertEquals([message, cut], ["a b c", []]);
  const long = JSON.stringify({ input: `spell GATE ${"ä".repeat(3_000)}` });
  await (await program.fetch("/api/engines/scripted/input", { method: "POST", body: long })).text();
  const told = await events.next("python_input");
  assertEquals([told.message, told.cut], ["ä".repeat(2_048), ["input", "message"]]);
});
