/** Each is a descriptor and about 10 kB while idle. */
const MOST_CONNECTIONS = 16_384;

/** For listeners, engines with their pipes, and what the program opens for itself. */
const KEPT_DESCRIPTORS = 32;
/** A client that is served may take one more, to its engine. */
const PER_CONNECTION = 2;
/** With TLS its connection has three. */
const PER_TLS_CONNECTION = 4;
/** For those that are closed and still being sent something. */
const KEPT_FOR_TLS = 192;

export interface ConnectionLimit {
  readonly connections: number;
  /** What is to be said of it; `null` when nothing is lacking. */
  readonly lack: string | null;
}

/** How many clients may be connected at once where `descriptors` may be open. */
export function connectionLimit(
  descriptors: number,
  { speaksTls = false }: { readonly speaksTls?: boolean } = {},
): ConnectionLimit {
  const [kept, each] = speaksTls
    ? [KEPT_DESCRIPTORS + KEPT_FOR_TLS, PER_TLS_CONNECTION]
    : [KEPT_DESCRIPTORS, PER_CONNECTION];
  const fitting = Math.floor((descriptors - kept) / each);
  if (fitting >= MOST_CONNECTIONS) return { connections: MOST_CONNECTIONS, lack: null };
  const connections = Math.max(fitting, 1);
  const lack = `No more than ${descriptors} descriptors may be open, so that ` +
    `${connections === 1 ? "one client is" : `${connections} clients are`} served at once.`;
  return { connections, lack };
}
