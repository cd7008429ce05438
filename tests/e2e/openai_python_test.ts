/** OpenAI's own client for Python, unmodified, in front of the whole program. */
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { OPENAI_PACKAGES } from "../../tasks/support/openai_client.ts";
import { eventually, within } from "../support/program.ts";
import {
  isCi,
  isCompiled,
  isPacked,
  programTest,
  pythonDir,
  viewOf,
  works,
} from "./support/harness.ts";

const ENGINE = fromFileUrl(new URL("../support/engines/speaks_openai.py", import.meta.url));
const CLIENT = fromFileUrl(new URL("support/openai_client.py", import.meta.url));
const MODEL = "speaks_openai";
const BOX = "all-MiniLM-L6-v2";

/** `deno task test` sets it up; what it has left there is found without it, too. */
const packages = Deno.env.get("AI_ENGINE_TEST_OPENAI") ?? OPENAI_PACKAGES;
const python = join(pythonDir ?? "engine/python", ".venv", "bin", "python");
const isMissing = !works("env", `PYTHONPATH=${packages}`, python, "-c", "import openai");
const isSkipped = isMissing && !isCi;

/** What the client got, by what it did. */
async function runClient(
  url: string,
  client = CLIENT,
  model = MODEL,
): Promise<Record<string, unknown>> {
  const args = [client, url, model];
  const command = new Deno.Command(python, { args, env: { PYTHONPATH: packages } });
  const { stdout, stderr } = await within(command.output(), () => "The client did not end");
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

/** On the executable it is the packed engine that answers, else the one from source. */
const REAL_CLIENT = fromFileUrl(new URL("support/openai_embeddings.py", import.meta.url));

programTest(
  `openai (Python)${isSkipped ? " (skipped: the client is missing)" : ""}: the model in the box`,
  {
    args: isCompiled ? ["--engine", "python"] : ["--python-dir", pythonDir ?? ""],
    ignore: isSkipped || (!isCompiled && pythonDir === null) || (isCompiled && !isPacked),
  },
  async (program) => {
    const got = await runClient(program.url, REAL_CLIENT, BOX);
    assertEquals(got, {
      models: [BOX],
      dimensions: [384, 384, 64],
      "float and base64 agree": true,
      "alike before unlike": true,
      usage: true,
      "not so many": ["BadRequestError", 400],
      "no text": ["BadRequestError", 400],
    });
  },
);

const UNKNOWN = 'Name one of these: "speaks_openai".';

programTest(
  `openai (Python)${isSkipped ? " (skipped: the client is missing)" : ""}: all that it does`,
  { args: ["--engine", ENGINE], ignore: isSkipped },
  async (program) => {
    assertEquals(await runClient(program.url), {
      models: [MODEL],
      model: MODEL,
      "unknown model to retrieve": [
        ...["NotFoundError", 404, "unknown_model", "model"],
        `There is no model "a/b". ${UNKNOWN}`,
      ],
      "unknown model": [
        ...["NotFoundError", 404, "unknown_model", "model"],
        `There is no model "gpt-4". ${UNKNOWN}`,
      ],
      chat: "You said: hello",
      stream: ["You ", "said: ", "good ", "day", ""],
      embeddings: [[1, 0.5, -1], [3, 0.5, -1]],
      transcription: "300",
      "engine's own error": [
        ...["BadRequestError", 400, "engine_no", "messages"],
        "The engine says no.",
      ],
      timeout: ["APITimeoutError"],
      aborted: ["You ", "said: ", "endless"],
      "engine dies": ["InternalServerError", 502, "crashed"],
      after: "You said: again",
    });
    const inflight = async () => (await viewOf(program, MODEL)).inflight;
    await eventually("nothing in flight", async () => await inflight() === 0);
  },
);
