/** The door of `gateway`: requests that go on to an engine. */
export * from "./client_exchange.ts";
export { type CountingGateway, createGateway, type GatewayOptions } from "./gateway.ts";
export type { ModelRouting } from "./model_routing.ts";
export { RequestRecords, type RequestRecordsOptions } from "./request_records.ts";
