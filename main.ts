/** The program: the command line, or (in processes of their own) the built-in engine and a reader. */
if (Deno.args[0] === "__engine") {
  const { runBuiltinEngine } = await import("./engine/builtin/main.ts");
  Deno.exit(await runBuiltinEngine());
} else if (Deno.args[0] === "__config") {
  const { runConfigReader } = await import("./src/app/config_reader.ts");
  Deno.exit(await runConfigReader(Deno.args[1] ?? ""));
} else {
  const { main } = await import("./src/app.ts");
  Deno.exit(await main(Deno.args));
}
