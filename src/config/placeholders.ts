/** What is filled in when an engine starts. */
import type { EngineSettings, EngineTransport } from "./settings.ts";

/**
 * Names that stand in `${…}`: the socket, the port, what the engine calls its first model, and a secret
 * that only the engine and we know.
 */
export const PLACEHOLDERS = ["SOCKET", "PORT", "MODEL", "TOKEN"] as const;

export type Placeholder = typeof PLACEHOLDERS[number];

type Mentioning = Pick<EngineSettings, "command" | "environment" | "stopCommand">;

/** Whether command, environment or stop command of an engine say `${NAME}`. */
export function mentions(
  { command, environment: { set }, stopCommand }: Mentioning,
  name: Placeholder,
): boolean {
  const texts = [...command, ...Object.values(set), ...stopCommand ?? []];
  return texts.some((text) => text.includes(`\${${name}}`));
}

/** What `${MODEL}` stands for. */
export function modelOf(
  { models: [model], name }: Pick<EngineSettings, "models" | "name">,
): string {
  return model?.upstreamModel ?? model?.name ?? name;
}

/**
 * How an engine is reached: by what is set; by its port where only that is told to it; else by a Unix
 * socket, which nobody else on the machine can take or ask.
 */
export function transportOf(
  settings: Mentioning & Pick<EngineSettings, "transport" | "port" | "socket">,
): EngineTransport {
  const { transport, port, socket } = settings;
  if (transport !== null) return transport;
  if (socket !== null || mentions(settings, "SOCKET")) return "unix";
  return port !== null || mentions(settings, "PORT") ? "tcp" : "unix";
}
