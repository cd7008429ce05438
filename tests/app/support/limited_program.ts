/**
 * `limited_program.ts DIR SETTINGS` supervises one engine with these settings (JSON), starts it, sends it
 * `escape`, tells what there is as one line of JSON, and stays until it is killed.
 */
import { openRealSupervisor } from "./real_supervisor.ts";

const [dir = "", settings = "{}"] = Deno.args;
const { supervisor, boot, socket, helperPid } = await openRealSupervisor(dir, JSON.parse(settings));
const { pid } = await supervisor.start("limited");
const { json } = await supervisor.input("limited", "escape");
console.log(
  JSON.stringify({ boot, socket, pid, escaped: Number(json.message), helper: helperPid() }),
);
await Deno.stdin.read(new Uint8Array(1));
