/** The time in the form of RFC 9110 section 5.6.7, made once a second: most answers carry it. */
interface Shown {
  /** Since 1970. */
  readonly second: number;
  readonly text: string;
  readonly line: Uint8Array;
}

let latest = show(0);

/** `Sun, 06 Nov 1994 08:49:37 GMT` for a wall clock that says `wallMs` milliseconds since 1970. */
export function httpDate(wallMs: number): string {
  return shownAt(wallMs).text;
}

/** The same as a line of a head, with its CR LF: not to be written to. */
export function dateLine(wallMs: number): Uint8Array {
  return shownAt(wallMs).line;
}

function shownAt(wallMs: number): Shown {
  const second = Math.floor(wallMs / 1_000);
  if (second !== latest.second) latest = show(second);
  return latest;
}

function show(second: number): Shown {
  const text = new Date(second * 1_000).toUTCString();
  return { second, text, line: new TextEncoder().encode(`Date: ${text}\r\n`) };
}
