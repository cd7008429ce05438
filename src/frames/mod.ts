/** The door of `frames`: direct calls over a framed protocol (docs/frames.md). */
export { FrameChannel, type FrameChannelOptions, offersNoCalls } from "./frame_channel.ts";
export type { CallOptions } from "./open_call.ts";
export { type Call, isFunctionName, MAX_PAYLOAD_BYTES, type Payload } from "./wire.ts";
