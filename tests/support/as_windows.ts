/** The program as it finds itself on Windows, as far as it looks before it says so. */
Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "windows" } });
const { main } = await import("../../src/app.ts");
Deno.exit(await main(Deno.args));
