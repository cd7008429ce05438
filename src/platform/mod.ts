/** The door of `platform`: the only room that touches the machine. */
export * from "./bounded_writer.ts";
export * from "./clock.ts";
export * from "./file_thread.ts";
export * from "./files.ts";
export * from "./hmac_sha256.ts";
export * from "./host.ts";
export {
  loadTls,
  openTcpListener,
  openUnixListener,
  removeStaleSockets,
  type TcpAddress,
} from "./listen.ts";
export * from "./lock.ts";
export * from "./log_files.ts";
export * from "./net.ts";
export * from "./orphan_guard.ts";
export * from "./os_signals.ts";
export * from "./short_process.ts";
export { hasPackedEngine, readPackedEngine } from "./packed/packed_engine.ts";
export type { UnpackedEngine, UnpackStep } from "./packed/unpacked_engine.ts";
export { unpacking } from "./packed/unpacking.ts";
export { descriptorLimit } from "./process_limits.ts";
export { processFigures } from "./process_figures.ts";
export * from "./private_file.ts";
export * from "./processes.ts";
export { takeCpuProfile } from "./profiling.ts";
export * from "./random.ts";
export * from "./regular_file.ts";
export * from "./runtime_dir.ts";
export * from "./sweep_orphans.ts";
export * from "./open_url.ts";
export * from "./terminal.ts";
export * from "./watching.ts";
export { systemTransports } from "./transports.ts";
export type { TlsListener } from "./tls.ts";

/** What looks this machine over; loaded for that only. */
export function loadExamination(): Promise<typeof import("./examine/examination.ts")> {
  return import("./examine/examination.ts");
}
