/**
 * Unpacks the Chromium of the npm package into the directory that is named as the argument, with a
 * start script `run`. A program of its own, because the package unpacks to wherever TMPDIR points.
 */
import chromium from "@sparticuz/chromium";
import { join } from "@std/path";

/** Fonts come with the package; so do libraries, which are used only where the system has none. */
const RUN = `#!/bin/sh
here=$(dirname "$0")
export FONTCONFIG_PATH="$here/fonts"
if ldd "$here/chromium" | grep -q 'not found'; then
  export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
exec "$here/chromium" "$@"
`;

/** The package's own names /tmp/fonts; this one the fonts beside it, and the system's if there are any. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">.</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

const [target] = Deno.args;
if (target === undefined) throw new TypeError("usage: unpack_browser.ts DIRECTORY");
const beside = `${target}.${Deno.pid}`;
await Deno.mkdir(beside, { recursive: true });
Deno.env.set("TMPDIR", beside);
// This makes the package unpack the libraries too.
Deno.env.set("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs22.x");
await chromium.executablePath();
await Deno.writeTextFile(join(beside, "fonts", "fonts.conf"), FONTS);
await Deno.writeTextFile(join(beside, "run"), RUN, { mode: 0o755 });
await Deno.rename(beside, target);
