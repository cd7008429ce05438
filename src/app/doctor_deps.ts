import type { DoctorDeps } from "../cli/mod.ts";
import { loadExamination } from "../platform/mod.ts";
import { connectionLimit } from "./connection_limit.ts";
import { modelsDir, namePlaces, socketPlaces } from "./places.ts";
import { openTokens } from "./token_file.ts";

/** What `doctor` looks with; loaded for that only. */
export async function doctorDeps(env: Readonly<Record<string, string>>): Promise<DoctorDeps> {
  const machine = (await loadExamination()).examination(env);
  return {
    machine,
    connections: connectionLimit,
    readTokens: openTokens,
    async places(settings) {
      const places = namePlaces(settings, { env, runtimeDir: await machine.runtimeDir() });
      const sockets = socketPlaces(settings, { ...places, privateDirs: null })
        // Those are in folders that are made with each process.
        .filter(({ setting }) => setting !== "user");
      return { ...places, modelsDir: modelsDir(env), sockets };
    },
  };
}
