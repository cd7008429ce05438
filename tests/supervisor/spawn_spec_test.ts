import { assertEquals } from "@std/assert";
import { ENGINE_DEFAULTS, type EngineSettings, SECRET_VARIABLES } from "../../src/config/mod.ts";
import { hasLimits, toSpawnSpec } from "../../src/supervisor/spawn_spec.ts";

const AT = { socket: "/run/x/a.sock", runId: "b007-a-1" };

function engine(settings: Partial<EngineSettings> = {}): EngineSettings {
  return { ...ENGINE_DEFAULTS, name: "a", kind: "command", command: ["a"], ...settings };
}

Deno.test("by default an engine inherits all but our secrets, and nothing is limited", () => {
  const settings = engine({ command: ["a", "--at=${SOCKET}", "${SOCKET}", "$SOCKET"] });
  assertEquals(toSpawnSpec(settings, AT), {
    argv: ["a", "--at=/run/x/a.sock", "/run/x/a.sock", "$SOCKET"],
    env: { AI_ENGINE_SOCKET: "/run/x/a.sock" },
    inherits: { allBut: SECRET_VARIABLES },
    runId: "b007-a-1",
  });
  assertEquals(SECRET_VARIABLES.includes("AI_ENGINE_TOKEN_FILE"), true);
  assertEquals(hasLimits(settings), false);
});

Deno.test("a list narrows what it inherits, and can't open up a secret", () => {
  const inherit = ["PATH", ...SECRET_VARIABLES];
  const set = { A: "1", AI_ENGINE_SOCKET: "/elsewhere" };
  const { inherits, env } = toSpawnSpec(engine({ environment: { inherit, set } }), AT);
  assertEquals(inherits, { only: ["PATH"] });
  assertEquals(env, { A: "1", AI_ENGINE_SOCKET: "/run/x/a.sock" });
});

Deno.test("limits and folder are handed on; another user gets a folder for the socket", () => {
  const settings = engine({
    cwd: "/srv",
    nice: 0,
    user: "llama",
    group: "video",
    memory: { maxBytes: 5 },
  });
  const { cwd, limits } = toSpawnSpec(settings, AT);
  assertEquals(cwd, "/srv");
  assertEquals(limits, {
    nice: 0,
    user: "llama",
    privateDir: "/run/x",
    group: "video",
    memoryMaxBytes: 5,
  });
  assertEquals(toSpawnSpec(engine({ group: "video" }), AT).limits, { group: "video" });
  for (const one of [{ nice: 0 }, { group: "video" }, { memory: { maxBytes: 5 } }]) {
    assertEquals(hasLimits(engine(one)), true);
  }
});
