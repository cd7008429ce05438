/** Programs that find no cgroup, where they could have one: what is promised holds without. */
import { hasCgroups } from "../../platform/support/cgroups.ts";

/** Command and arguments that start another command so. */
export const HIDE_CGROUPS: readonly string[] = hasCgroups
  ? ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh"]
  : [];
