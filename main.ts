/** The program: the command line, or (in a process of its own) the built-in engine. */
if (Deno.args[0] === "__engine") {
  const { runBuiltinEngine } = await import("./engine/builtin/main.ts");
  Deno.exit(await runBuiltinEngine());
} else {
  const { main } = await import("./src/app.ts");
  Deno.exit(await main(Deno.args));
}
