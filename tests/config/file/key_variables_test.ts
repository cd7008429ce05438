/** Which variables of the environment are keys for engines elsewhere. */
import { assertEquals } from "@std/assert";
import { load } from "./support/load.ts";

const ENV = { FAR: "1", USER: "ada", TEAM_TOKEN: "2", OTHER_KEY: "3", PLAIN: "4" };

const keysOf = (text: string) => load(text, { env: ENV }).file?.keyVariables;

Deno.test("a variable in a credential's header is a key, through a macro too", () => {
  const remote = "    url: http://far.example/\n    headers:\n";
  assertEquals(
    keysOf(`engines:\n  far:\n${remote}      Authorization: "Bearer \${env.FAR}"\n`),
    ["FAR"],
  );
  assertEquals(
    keysOf(
      `macros:\n  it: "\${env.FAR}"\nengines:\n  far:\n${remote}      X-Api-Key: "\${it} \${env.FAR}"\n`,
    ),
    ["FAR"],
  );
});

Deno.test("a variable that is called like a key is one in any header, any other is none elsewhere", () => {
  const text = `engines:
  far:
    url: http://far.example/
    headers: {X-User: "\${env.USER}", X-Team: "\${env.TEAM_TOKEN}"}
  near:
    command: [/bin/true, "\${env.OTHER_KEY}"]
    environment: {set: {AUTHORIZATION: "\${env.PLAIN}"}}
`;
  assertEquals(keysOf(text), ["TEAM_TOKEN"]);
  assertEquals(keysOf("engines:\n  b: {kind: builtin}\n"), []);
});
