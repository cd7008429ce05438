/** Where the figures come from. */

/** Lines of a Markdown list: the machine, the Deno, the day. */
export async function describeMachine(): Promise<string> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*: (.+)$/m.exec(cpu)?.[1] ?? Deno.build.arch;
  const memoryGib = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  return [
    `${navigator.hardwareConcurrency} cores of ${model}, ${memoryGib} GiB of memory`,
    `${Deno.build.os} ${Deno.osRelease()}, ${Deno.build.arch}`,
    `Deno ${Deno.version.deno} from source`,
    new Date().toISOString().slice(0, 10),
  ].map((line) => `- ${line}\n`).join("");
}
