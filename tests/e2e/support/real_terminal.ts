/** A terminal of tmux in which somebody types. */
import { join } from "@std/path";
import { eventually, processesWith, programCommand } from "../../support/program.ts";
import { works } from "./harness.ts";

/** Whether there is a tmux. */
export const hasTerminals = works("tmux", "-V");

export interface TerminalOptions {
  readonly columns: number;
  readonly rows?: number;
  /** Command and arguments of the shell. @default bash without its files */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

let count = 0;

/** Where Deno keeps what it has loaded, which is below the HOME of whoever runs the tests. */
function denoDir(): string {
  const { DENO_DIR, XDG_CACHE_HOME, HOME = "" } = Deno.env.toObject();
  return DENO_DIR ?? join(XDG_CACHE_HOME ?? join(HOME, ".cache"), "deno");
}

export class RealTerminal implements AsyncDisposable {
  readonly #server: string;
  readonly #dir: string;
  /** Of the shell, and of tmux, which would put its own PATH in the place of any other. */
  readonly #env: Readonly<Record<string, string>>;

  private constructor(dir: string, env: Readonly<Record<string, string>>) {
    this.#server = `aie-${Deno.pid}-${++count}`;
    this.#dir = dir;
    const path = `${dir}:${Deno.env.get("PATH")}`;
    const places = { PATH: path, HOME: dir, TMPDIR: dir, DENO_DIR: denoDir() };
    const looks = { PS1: "> ", PROMPT: "> ", LC_ALL: "C.UTF-8", TERM: "xterm-256color" };
    this.#env = { ...places, ...looks, ...env };
  }

  /** A shell whose prompt is `> `, and that finds `ai-engine`. */
  static async open(options: TerminalOptions): Promise<RealTerminal> {
    const { columns, rows = 24, env = {} } = options;
    const { shell = ["bash", "--norc", "--noprofile"] } = options;
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    const words = programCommand().map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(join(dir, "ai-engine"), `#!/bin/sh\nexec ${words} "$@"\n`, {
      mode: 0o755,
    });
    const terminal = new RealTerminal(dir, env);
    const size = ["-x", String(columns), "-y", String(rows)];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, ...shell);
    // What is typed before there is a prompt may be thrown away.
    await terminal.shows(/\S/);
    return terminal;
  }

  /** The folder that is this terminal's alone. */
  get dir(): string {
    return this.#dir;
  }

  /** Types text; `keys` of tmux's names stand behind it. */
  async type(text: string, ...keys: readonly string[]): Promise<void> {
    if (text !== "") await this.#tmux("send-keys", "-l", text);
    if (keys.length > 0) await this.#tmux("send-keys", ...keys);
  }

  /** Types a command and Enter on an empty screen. */
  async run(command: string): Promise<void> {
    // At once, so that nobody takes what the command before has left there for this one's.
    await this.#tmux("send-keys", "-R");
    await this.type(`clear; ${command}`, "Enter");
  }

  /** The screen, without spaces at the ends of lines; with `styled`, its colours as escapes. */
  async screen(styled = false): Promise<string> {
    return await this.#tmux("capture-pane", "-p", ...styled ? ["-e"] : []);
  }

  /** Waits until the screen has it; gives the screen. */
  async shows(pattern: RegExp): Promise<string> {
    let screen = "";
    const look = async () => pattern.test(screen = await this.screen());
    await eventually(`${pattern} on the screen`, look).catch((error) => {
      throw new Error(`${error.message}:\n${screen}`);
    });
    return screen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
    const shells = () => processesWith(`HOME=${this.#dir}`);
    await eventually("the end of the shell", async () => (await shells()).length === 0);
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.#server, ...args],
      clearEnv: true,
      env: this.#env,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`tmux ${args[0]}: ${text(stderr)}`);
    return text(stdout);
  }
}
