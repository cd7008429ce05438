/** What shows a URL fails at once where it can; after that the browser is on its way. */
const FAILS_WITHIN_MS = 1_000;

/** Shows `url` in the browser of whoever sits here; `false` = that can't be done. */
export async function openUrl(url: string): Promise<boolean> {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(program, { args: [url], ...streams }).spawn();
    child.unref();
    const isOnItsWay = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), FAILS_WITHIN_MS);
    });
    return await Promise.race([child.status.then(({ success }) => success), isOnItsWay]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
