/**
 * Writes docs/config.md and docs/config.schema.json from the schema of the configuration file. With
 * `--check` it writes nothing and fails when they are not what the schema says.
 *
 * @module
 */
import { table } from "../src/cli/cli_reference.ts";
import { valueAt, write } from "../src/config/file/explain.ts";
import { configJsonSchema } from "../src/config/file/json_schema.ts";
import { expectation, join } from "../src/config/file/read_by_schema.ts";
import { fieldsByKey, type GroupSchema, type Schema } from "../src/config/file/schema.ts";
import { FILE_SCHEMA } from "../src/config/file/settings_schema.ts";
import {
  ACCESS_DEFAULTS,
  CLIENT_LIMIT_DEFAULTS,
  DEFAULT_LISTEN,
  ENGINE_DEFAULTS,
  LOG_DEFAULTS,
  ROUTING_DEFAULTS,
} from "../src/config/mod.ts";
import { inRoot } from "./support/root.ts";

const PAGE = inRoot("docs", "config.md");
const SCHEMA = inRoot("docs", "config.schema.json");

const DEFAULTS = {
  listen: [DEFAULT_LISTEN],
  access: ACCESS_DEFAULTS,
  logs: LOG_DEFAULTS,
  limits: CLIENT_LIMIT_DEFAULTS,
  routing: ROUTING_DEFAULTS,
};

/** The examples, in this order, each with what it is for. */
const EXAMPLES = [
  ["llama-server", "llama.cpp's server: one process per model"],
  ["vllm", "vLLM, which has a long start"],
  ["uvicorn", "an ASGI application under uvicorn"],
  ["node", "a server in Node.js"],
  ["on-a-port", "a server without Unix sockets"],
  ["container", "a server in a container"],
  ["remote", "engines that run elsewhere"],
  ["ours", "the engines that come with AI Engine"],
] as const;

const INTRODUCTION = `# The configuration file

<!-- Made by \`deno task config-docs\` from src/config/file/*_schema.ts: change that, not this. -->

One YAML file (1.2, so JSON will do) says which engines there are and how the program behaves. All
of it is optional: without a file, flags and environment say everything. The least that is of use:

\`\`\`yaml
engines:
  llm:
    command: llama-server -m /srv/models/qwen.gguf --host \${SOCKET}
\`\`\`

## Where it is, and what beats it

\`--config PATH\` or \`AI_ENGINE_CONFIG\` names it. Otherwise it is \`ai-engine/config.yaml\` in
\`$XDG_CONFIG_HOME\`, or in \`~/.config\`; for root without a home \`/etc/ai-engine/config.yaml\`. Nothing
there: there is no file. \`ai-engine config path\` tells which it is.

A flag beats the environment, the environment beats the file, the file beats the default. Flags of
one engine (\`--idle-timeout\` and its like) are for the only engine of the file: with several in it
they are refused, and so is \`--engine\` whenever the file has engines, in the environment as well.
The commands that talk to a supervisor read \`control\` from the file, and nothing else.

The file is read at the start of \`serve\`, and at each reload, by a process of its own that ends
then: the supervisor never holds what it takes to read one, and a file that is too much (over 512
KiB, over 50 000 values with aliases counted, or 15 s to read) is an error like others.

## How values are written

- **Durations**: a number and a unit, \`500ms\`, \`2s\`, \`5m\`, \`1.5h\`, \`7d\`; a bare number is seconds.
- **Sizes**: \`16GiB\`, \`1.5GB\`, \`512MiB\`; \`512M\` is \`512MiB\`; a bare number is bytes.
- **Paths**: a relative one begins at the folder of the file. An argument of a command is passed on
  as it is: with \`cwd: .\` relative ones begin there, too. A program without a slash is looked for on
  the PATH.
- **Commands**: a list, or one line that is taken apart at its blanks; quotes and backslashes do
  what they do in a shell, and nothing else of a shell does: no variables, no pipes.
- **A list with one item** may be that item alone.

\`\${…}\` in a value is filled in before the value is read. Between brackets it needs quotes:
\`["\${SOCKET}"]\`.

- \`\${NAME}\`: the text that \`macros\` has under this name. Macros may hold macros.
- \`\${env.NAME}\`: a variable of the environment that \`ai-engine\` was started with; not set is an
  error.
- \`\${SOCKET}\` or \`\${PORT}\`: in commands and variables of an engine, where it has to listen: a Unix
  socket, or a port of 127.0.0.1 that is free. Known when it starts, as are \`\${MODEL}\`, what it
  calls its first model, and \`\${TOKEN}\`, a secret of this start.
- \`$\${\` stands for \`\${\` itself.

## Errors

\`ai-engine config check\` and \`serve\` tell all errors at once, each with file, line, column, what was
expected and what to do; the exit code is 6. A setting that does not exist is an error, with the one
that was probably meant, also for what llama-swap, Compose and systemd call it.

\`\`\`text
/home/ada/.config/ai-engine/config.yaml:3:5: engines.llm has "ttl", which is no setting of an engine.
  expected: kind, command, pythonDir, …
  try: Did you mean idleTimeout?
\`\`\`

\`ai-engine config show\` tells every setting and where it comes from: a line of the file, a variable,
a flag or the default. What came from \`\${env.…}\` is shown as that; variables and flags called like
secrets are masked. It tells what \`serve\` would go by; \`GET /api/config\` tells what the running one
goes by.

\`ai-engine config import llama-swap FILE\` prints a file of llama-swap as one of ours: models with
their aliases, \`ttl\`, \`env\`, \`cmdStop\`, \`checkEndpoint\`, \`useModelName\`, macros, groups, what is
preloaded, the limits, and peers as engines elsewhere. llama-server and vLLM are told to listen on
\`\${SOCKET}\` instead of a port; an engine that can't be run that way stands in the file as comments,
with the reason. What has no equal is told on stderr and at the head of the file, nothing is left
out silently.

Editors that know JSON Schema complete and check while you type: write the schema with
\`ai-engine config schema > ai-engine.schema.json\`, or take [config.schema.json](config.schema.json),
and put this in the first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=ai-engine.schema.json
\`\`\``;

function page(): string {
  const engines = FILE_SCHEMA.fields["engines"]?.schema;
  if (engines?.kind !== "map") throw new TypeError("the file has engines");
  const sections = [
    INTRODUCTION,
    "## Settings of the program",
    settingsTable(FILE_SCHEMA, DEFAULTS),
    "## Settings of an engine",
    "They stand below `engines` and the engine's name. Below `defaults` most of them hold for every\n" +
    "engine that does not set them itself.",
    settingsTable(engines.values, ENGINE_DEFAULTS),
    "## Examples",
    ...EXAMPLES.flatMap(([name, says]) => [
      `### [${name}.yaml](../examples/${name}.yaml): ${says}`,
      ["```yaml", Deno.readTextFileSync(inRoot("examples", `${name}.yaml`)).trimEnd(), "```"]
        .join("\n"),
    ]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function settingsTable(schema: Schema, defaults: unknown): string {
  return table([["setting", "what it is", "expected", "default"], ...rows(schema, defaults, "")]);
}

/** A row for each setting; what stands under names of the user's own is only named. */
function rows(schema: Schema, defaults: unknown, setting: string): string[][] {
  if (schema.kind !== "group") return [];
  return Array.from(fieldsByKey(schema)).flatMap(([key, { names, field }]) => {
    const name = join(setting, key);
    const value = valueAt(defaults, names);
    const inner = field.schema;
    if (inner.kind === "group" && !isRepeated(inner)) return rows(inner, value, name);
    const fallback = field.fallback ?? textOf(write(value, inner));
    const isMap = inner.kind === "map";
    const place = isMap ? `${name}.${inner.name}` : name;
    const expected = expectation(isMap ? inner.values : inner);
    const below = inner.kind === "list" ? rows(inner.item, {}, `${name}[]`) : [];
    return [[`\`${place}\``, `${field.summary}.`, expected, fallback], ...below];
  });
}

/** `defaults` has the settings of an engine once more. */
function isRepeated({ fields }: GroupSchema): boolean {
  return Object.hasOwn(fields, "idleTimeoutMs");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" && !Array.isArray(value) ? "" : String(value);
}

if (import.meta.main) {
  const documents = [
    [PAGE, page()],
    [SCHEMA, `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
  ] as const;
  for (const [path, text] of documents) {
    if (!Deno.args.includes("--check")) await Deno.writeTextFile(path, text);
    else if (await Deno.readTextFile(path).catch(() => "") !== text) {
      console.error(`${path} is not what the schema says: deno task config-docs`);
      Deno.exit(1);
    }
  }
}
