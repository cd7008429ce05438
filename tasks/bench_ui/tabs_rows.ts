/** What requests feel of fifty tabs that never read, and what memory they take. */
import { interleave } from "../bench/interleave.ts";
import { readStatusMib } from "../bench/proc_files.ts";
import { encodeRaw, RawConnection } from "../bench/raw_http.ts";
import { absent, type Column, measured, reference, type Row } from "../bench/row.ts";
import { percentile } from "../bench/stats.ts";
import { DeafTabs } from "./deaf_tabs.ts";
import { ENGINE, LINES_PER_S, startFlooded, type UiRig } from "./ui_rig.ts";

const TABS = 50;
/** Streams are let go after 10 s unread: longer than that, so that this is in it. */
const MEASURE_MS = 14_000;
const WARM_UP_MS = 2_000;
const MEMORY_EVERY_MS = 250;

/** What one life of the program gave. */
interface Found {
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The most that was resident. */
  readonly residentMib: number;
}

export async function tabsRows(rig: UiRig): Promise<readonly Row[]> {
  const found = await interleave<"without" | "with", Found>({
    without: async () => [await live(rig, 0)],
    with: async () => [await live(rig, TABS)],
  }, { rounds: rig.isQuick ? 1 : 5, warmUps: 0 });
  const column = (figure: (one: Found) => number): Column =>
    measured(found.with.map(figure), {
      references: [reference("no tab", found.without.map(figure))],
    });
  const beside = `beside ${TABS} tabs that never read, the engine printing ${LINES_PER_S} lines/s`;
  const executable = absent("from source only");
  const ratio = { kind: "ratio", limit: 1.1 } as const;
  return [
    {
      quantity: `a request through the proxy, median of a round, ${beside}`,
      unit: "ms",
      target: ratio,
      source: column(({ medianMs }) => medianMs),
      executable,
    },
    {
      quantity: `the same, 99th percentile of a round`,
      unit: "ms",
      target: ratio,
      source: column(({ p99Ms }) => p99Ms),
      executable,
    },
    {
      quantity: "resident memory of the supervisor meanwhile, the most of a round",
      unit: "MiB",
      target: { kind: "added", limit: 64 },
      source: column(({ residentMib }) => residentMib),
      executable,
    },
  ];
}

/** A program of its own for each round: what it has grown to stays with it. */
async function live(rig: UiRig, tabs: number): Promise<Found> {
  await using program = await startFlooded(rig, rig.source);
  await using _tabs = await DeafTabs.open(program.address, tabs);
  using connection = await RawConnection.open(program.address);
  const request = encodeRaw({ method: "GET", target: `/upstream/${ENGINE}/` }, "kept");
  const { pid } = program.process;
  const samples: number[] = [];
  let residentMib = 0;
  const begun = performance.now();
  const measureMs = rig.isQuick ? MEASURE_MS / 4 : MEASURE_MS;
  let lookAt = begun;
  for (let now = begun; now < begun + WARM_UP_MS + measureMs; now = performance.now()) {
    await connection.exchange(request);
    const tookMs = performance.now() - now;
    if (now >= begun + WARM_UP_MS) samples.push(tookMs);
    if (now < lookAt) continue;
    lookAt = now + MEMORY_EVERY_MS;
    residentMib = Math.max(residentMib, await readStatusMib(pid, "VmRSS"));
  }
  return {
    medianMs: percentile(samples, 50),
    p99Ms: percentile(samples, 99),
    residentMib,
  };
}
