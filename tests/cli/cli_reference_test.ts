import { assert, assertEquals } from "@std/assert";
import { cliReference } from "../../src/cli/cli_reference.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT_CODES, exitCodesOf } from "../../src/cli/exit_codes.ts";
import { ERROR_TABLE } from "../../src/core/mod.ts";

const DOCUMENT = new URL("../../docs/cli.md", import.meta.url);

Deno.test("docs/cli.md is what cliReference() says (UPDATE_DOCS=1 writes it)", async () => {
  const reference = cliReference();
  if (Deno.env.get("UPDATE_DOCS") === "1") await Deno.writeTextFile(DOCUMENT, reference);
  assertEquals(await Deno.readTextFile(DOCUMENT), reference);
});

Deno.test("every exit code of an error stands in the table of exit codes, once", () => {
  const codes = EXIT_CODES.map(({ code }) => code);
  assertEquals(codes, [...new Set(codes)]);
  for (const { exit } of Object.values(ERROR_TABLE)) assert(codes.includes(exit), String(exit));
});

Deno.test("what a command may end with stands in the table, in order and once", () => {
  const codes = EXIT_CODES.map(({ code }) => code);
  const named = new Set<number>();
  for (const { name } of COMMANDS) {
    const own = exitCodesOf(name);
    assertEquals(own, codes.filter((code) => own.includes(code)), name);
    for (const code of own) named.add(code);
  }
  assertEquals(named.size, codes.length);
});
