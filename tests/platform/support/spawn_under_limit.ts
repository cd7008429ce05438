/**
 * Tries to start a program twice, each time once it is told to on its standard input; prints what
 * became of each try as a line of JSON. With the argument `descriptors` it has none left the first time.
 */
import { SpawnError } from "../../../src/core/mod.ts";
import { descriptorLimit, systemProcesses } from "../../../src/platform/mod.ts";

const processes = systemProcesses({ umask: 0o022 });

async function spawn(): Promise<void> {
  try {
    const tree = processes.spawn({ argv: ["/bin/true"], env: {}, runId: "test-1" });
    await tree.exited;
    tree.release();
    console.log(JSON.stringify({ fault: null }));
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    console.log(JSON.stringify({ fault: error.fault, message: error.message }));
  }
}

/** Returns what gives them back. */
function takeDescriptors(): () => void {
  const files: Deno.FsFile[] = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    return () => files.forEach((file) => file.close());
  }
}

// As the program does at its start, when there are some left.
descriptorLimit();
console.log("started");
const told = new Uint8Array(1);
await Deno.stdin.read(told);
const giveBack = Deno.args[0] === "descriptors" ? takeDescriptors() : () => {};
await spawn();
giveBack();
await Deno.stdin.read(told);
await spawn();
