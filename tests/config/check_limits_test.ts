import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkLimits, ENGINE_DEFAULTS, type EngineSettings } from "../../src/config/mod.ts";
import { ConfigError } from "../../src/core/mod.ts";

function engine(settings: Partial<EngineSettings>): EngineSettings {
  return { ...ENGINE_DEFAULTS, name: "a", kind: "command", command: ["/bin/a"], ...settings };
}

const set = (variables: Record<string, string>) => ({
  environment: { inherit: "all", set: variables } as const,
});

Deno.test("limits that make sense are let through", () => {
  for (
    const settings of [
      {},
      { cwd: "/srv", nice: 19, user: "llama", group: "1000", memory: { maxBytes: 1 } },
      { nice: -20, user: "0", memory: { maxBytes: 2 ** 40 } },
      { environment: { inherit: [], set: {} } },
      { environment: { inherit: ["PATH", "a b"], set: { EMPTY: "", LINES: "a\nb=c" } } },
      { socket: "/tmp/a.sock", group: "video" },
    ] satisfies Partial<EngineSettings>[]
  ) checkLimits(engine(settings));
});

for (
  const [setting, settings] of [
    ["cwd", { cwd: "srv/models" }],
    ["cwd", { cwd: "" }],
    ["nice", { nice: 20 }],
    ["nice", { nice: -21 }],
    ["nice", { nice: 1.5 }],
    ["memory.max", { memory: { maxBytes: 0 } }],
    ["memory.max", { memory: { maxBytes: -1 } }],
    ["memory.max", { memory: { maxBytes: 0.5 } }],
    ["memory.max", { memory: { maxBytes: NaN } }],
    ["memory.max", { memory: { maxBytes: Infinity } }],
    ["user", { user: "" }],
    ["user", { user: "--reuid=0" }],
    ["user", { user: "a b" }],
    ["group", { group: "a:b" }],
    ["group", { group: "a\n" }],
    ["socket", { user: "a", socket: "/tmp/a.sock" }],
    ["environment.inherit", { environment: { inherit: ["A=B"], set: {} } }],
    ["environment.inherit", { environment: { inherit: [""], set: {} } }],
    ["environment.set", set({ "A=": "x" })],
    ["environment.set", set({ "": "x" })],
    ["environment.set", set({ A: "\0" })],
    ["environment.set", set({ AI_ENGINE_RUN: "x" })],
    ["environment.set", set({ AI_ENGINE_SOCKET: "x" })],
  ] satisfies [string, Partial<EngineSettings>][]
) {
  Deno.test(`${JSON.stringify(settings)} is refused, and ${setting} is named`, () => {
    const error = assertThrows(() => checkLimits(engine(settings)), ConfigError);
    assertEquals(error.code, "config_invalid");
    assertStringIncludes(error.message, `${setting} of the engine a `);
    assertEquals(error.remedy === "", false);
  });
}
