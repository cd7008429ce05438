/** A python3 that runs `code` beside the test; the test tells it by its input when to end. */
export interface PythonChild {
  readonly pid: number;
  /** The next line it prints; rejects when it prints none any more. */
  line(): Promise<string>;
  /** SIGKILL, and everything of it is let go. Idempotent. */
  end(): Promise<void>;
}

export function startPython(code: string, args: readonly string[] = []): PythonChild {
  const child = new Deno.Command("python3", {
    args: ["-u", "-c", code, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let ended: Promise<void> | undefined;
  const end = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // Gone already.
    }
    await child.status;
    await child.stdin.close().catch(() => {});
    await reader.cancel();
  };
  return {
    pid: child.pid,
    async line() {
      while (!rest.includes("\n")) {
        const { done, value } = await reader.read();
        if (done) throw new Error("python3 ended early");
        rest += value;
      }
      const [line = "", ...more] = rest.split("\n");
      rest = more.join("\n");
      return line;
    },
    end: () => ended ??= end(),
  };
}
