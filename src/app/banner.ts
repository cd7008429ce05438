import manifest from "../../deno.json" with { type: "json" };
import { schemeOf } from "../access/mod.ts";
import { BOX_MODEL, formatListen, type Settings } from "../config/mod.ts";
import type { StreamListener } from "../core/mod.ts";

export interface BannerOptions {
  readonly control: string;
  readonly listen: readonly StreamListener[];
}

/** What the program says first: where it can be opened, and a command that shows that it works. */
export function banner(settings: Settings, { control, listen }: BannerOptions): string[] {
  const engines = settings.engines.map(({ name, command, model }) =>
    `${name} (${model ?? command.join(" ")})`
  );
  return [
    `AI Engine ${manifest.version}`,
    ...listen.map(({ address }) =>
      address.kind === "unix" ? `  socket   ${address.path}` : `  open     ${urlOf(address)}`
    ),
    ...firstTry(settings, listen),
    `  engine   ${engines.join(", ")}`,
    `  control  ${control}`,
    `  stop     Ctrl-C, or: ai-engine shutdown`,
  ];
}

/** Where a browser can open the program. */
export function urlsOf(listen: readonly StreamListener[]): string[] {
  return listen.flatMap(({ address }) => address.kind === "unix" ? [] : [urlOf(address)]);
}

function urlOf(address: StreamListener["address"]): string {
  return `${schemeOf(address)}://${formatListen(address)}`;
}

/** An embedding by the model in the box, where that works as it stands: no token, no certificate. */
function firstTry({ access, engines }: Settings, listen: readonly StreamListener[]): string[] {
  const hasModel = engines.some(({ models }) => models.some(({ name }) => name === BOX_MODEL));
  const address = listen.map(({ address }) => address).find(({ kind }) => kind === "tcp");
  if (!hasModel || access.tokenFile !== null || address?.kind !== "tcp") return [];
  const body = JSON.stringify({ model: BOX_MODEL, input: "Hello" });
  return [
    `  try      curl http://${formatListen(address)}/v1/embeddings ` +
    `-H 'Content-Type: application/json' -d '${body}'`,
  ];
}
