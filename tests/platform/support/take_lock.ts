/**
 * A supervisor as far as its lock goes: `take_lock.ts DIR` prints `taken` or the refusal as one line of
 * JSON. With the lock it leaves a process of a session of its own behind, prints its pid, and waits.
 */
import { AiEngineError } from "../../../src/core/mod.ts";
import { takeLock } from "../../../src/platform/lock.ts";

const [dir = ""] = Deno.args;

function tell(value: unknown): void {
  console.log(JSON.stringify(value));
}

try {
  await takeLock(dir, {
    pid: Deno.pid,
    startedAt: "2025-01-01T00:00:00.000Z",
    control: `${dir}/control.sock`,
  });
} catch (error) {
  if (!(error instanceof AiEngineError)) throw error;
  tell({ code: error.code, detail: error.message, remedy: error.remedy });
  Deno.exit(1);
}
const child = new Deno.Command("sleep", {
  args: ["1000"],
  detached: true,
  stdin: "null",
  stdout: "null",
  stderr: "null",
}).spawn();
tell({ taken: Deno.pid, child: child.pid });
await Deno.stdin.read(new Uint8Array(1));
