/** The door of `platform`: the only room that touches the machine. */
export * from "./bounded_writer.ts";
export * from "./clock.ts";
export * from "./file_thread.ts";
export * from "./files.ts";
export * from "./host.ts";
export { openTcpListener, openUnixListener, type TcpAddress } from "./listen.ts";
export * from "./lock.ts";
export * from "./log_files.ts";
export * from "./net.ts";
export * from "./orphan_guard.ts";
export * from "./os_signals.ts";
export { descriptorLimit } from "./process_limits.ts";
export * from "./processes.ts";
export * from "./random.ts";
export * from "./runtime_dir.ts";
export * from "./sweep_orphans.ts";
export * from "./terminal.ts";
