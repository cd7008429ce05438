/** A machine on which all is well, but for what a test says. */
import type { DoctorDeps } from "../../../src/cli/mod.ts";
import type { Examination } from "../../../src/core/mod.ts";

export type FakeDoctor = Partial<Examination> & Partial<Omit<DoctorDeps, "machine">>;

export function fakeDoctor(
  { places, connections, readTokens, ...machine }: FakeDoctor = {},
): DoctorDeps {
  const folder = { kind: "directory", isOwn: true, mode: 0o700, isWritable: true } as const;
  return {
    machine: {
      runtimeDir: () => Promise.resolve("/run/ada"),
      folder: () => Promise.resolve({ ...folder, freeBytes: 5e9 }),
      socketFolder: () => Promise.resolve(null),
      socket: () => Promise.resolve("missing"),
      lockHolder: () => Promise.resolve(null),
      port: () => Promise.resolve({ kind: "free" }),
      cgroup: () => ({ kind: "works", path: "/sys/fs/cgroup/ada", limitsMemory: true }),
      limits: () =>
        Promise.resolve({ descriptors: 65_536, threadsLeft: Infinity, pidsLeft: Infinity }),
      python: () => Promise.resolve({ kind: "runs", version: "3.12.1", missing: [] }),
      programMadeAt: () => Promise.resolve(Date.UTC(2024, 5, 1)),
      ...machine,
    },
    places: places ?? (() =>
      Promise.resolve({
        runtimeDir: "/run/ada",
        control: "/run/ada/control.sock",
        logDir: "/home/ada/logs",
        modelsDir: null,
        sockets: [
          { path: "/run/ada/control.sock", role: "the control socket", setting: "XDG_RUNTIME_DIR" },
          { path: "/run/ada/e.sock", role: "the engine builtin", setting: "XDG_RUNTIME_DIR" },
        ],
      })),
    connections: connections ?? (() => ({ connections: 10_000, lack: null })),
    readTokens: readTokens ?? (() => Promise.resolve()),
  };
}
