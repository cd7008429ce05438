/**
 * The transition table: for each state the events it knows, where they may lead, and how. An event
 * without a row is illegal in that state. The diagram in docs/lifecycle.md is drawn from this table.
 *
 * @module
 */
import { backoff, failed, stopped } from "./rows_at_rest.ts";
import { draining, stopping } from "./rows_leaving.ts";
import { ready, starting } from "./rows_running.ts";
import type { Table } from "./rule.ts";

export const TABLE: Table = { stopped, starting, ready, draining, stopping, backoff, failed };
