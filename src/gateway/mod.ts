/** The door of `gateway`: requests that go on to an engine. */
export * from "./client_exchange.ts";
export { createGateway, type GatewayOptions } from "./gateway.ts";
