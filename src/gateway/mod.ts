/** The door of `gateway`: requests that go on to an engine. */
export type { ModelRouting } from "./by_model.ts";
export * from "./client_exchange.ts";
export { type CountingGateway, createGateway, type GatewayOptions } from "./gateway.ts";
