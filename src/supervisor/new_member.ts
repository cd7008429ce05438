import { Instance } from "./instance.ts";
import type { InstanceOptions } from "./instance_types.ts";
import type { Member } from "./member.ts";
import { RemoteInstance } from "./remote_instance.ts";

/** One instance: with a process, or for one of the servers elsewhere, to each its own. */
export function newMember(options: InstanceOptions): Member {
  const servers = options.settings.remote?.servers ?? [];
  const server = servers[options.id % servers.length];
  return server === undefined ? new Instance(options) : new RemoteInstance(options, server);
}
