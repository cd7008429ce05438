/** Programs that have a terminal, whoever runs the tests. */

const TAKE = "import fcntl, os, sys, termios; os.setsid(); ours, theirs = os.openpty(); " +
  // Should our end be closed with the exec, the terminal would hang up at once.
  "os.set_inheritable(ours, True); fcntl.ioctl(theirs, termios.TIOCSCTTY, 0); " +
  "os.execvp(sys.argv[1], sys.argv[1:])";

/** Command and arguments that start another command as the owner of a new terminal. */
export const WITH_TERMINAL: readonly string[] = ["python3", "-c", TAKE];
