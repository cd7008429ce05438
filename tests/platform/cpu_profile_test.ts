import { assert, assertEquals } from "@std/assert";
import { takeCpuProfile } from "../../src/platform/mod.ts";

interface CpuProfile {
  readonly nodes: readonly { readonly callFrame: { readonly functionName: string } }[];
  readonly samples: readonly number[];
}

async function spinThatIsSeen(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    for (const by = performance.now() + 5; performance.now() < by;);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("a CPU profile names what ran meanwhile, also a second one", async () => {
  for (let times = 0; times < 2; times++) {
    const stop = new AbortController();
    const spinning = spinThatIsSeen(stop.signal);
    const text = await takeCpuProfile(200, new AbortController().signal);
    stop.abort();
    await spinning;
    const { nodes, samples }: CpuProfile = JSON.parse(text);
    assert(nodes.some(({ callFrame }) => callFrame.functionName === "spinThatIsSeen"));
    assert(samples.length > 0);
  }
});

Deno.test("a CPU profile ends when nobody wants it any more", async () => {
  const left = AbortSignal.abort();
  const { nodes }: CpuProfile = JSON.parse(await takeCpuProfile(3_600_000, left));
  assertEquals(nodes[0]?.callFrame.functionName, "(root)");
});
