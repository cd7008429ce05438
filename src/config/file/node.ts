/**
 * What a configuration file holds, with the place of everything, before anybody knows what it means.
 *
 * @module
 */
import { type ConfigFault, MOST_FAULTS } from "../config_fault.ts";

/** Where something begins; both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ScalarNode extends Place {
  readonly kind: "scalar";
  /** As it is written, quotes and escapes resolved; `null` = nothing, `null` or `~`. */
  readonly text: string | null;
  /** What may be shown of it where `text` holds something from the environment. */
  readonly shown?: string;
}

export interface ListNode extends Place {
  readonly kind: "list";
  readonly items: readonly ConfigNode[];
}

export interface Entry {
  readonly key: string;
  /** The key's. */
  readonly place: Place;
  readonly value: ConfigNode;
}

export interface MapNode extends Place {
  readonly kind: "map";
  /** No key twice. */
  readonly entries: readonly Entry[];
}

export type ConfigNode = ScalarNode | ListNode | MapNode;

/** Takes faults down while a file is read, and one more than are told at most. */
export class FaultList {
  readonly all: ConfigFault[] = [];

  /** `setting` and `expected` are optional. */
  add(
    place: Place,
    fault: Pick<ConfigFault, "detail" | "fix"> & Partial<Pick<ConfigFault, "setting" | "expected">>,
  ): void {
    if (this.all.length > MOST_FAULTS) return;
    const { line, column } = place;
    this.all.push({ line, column, setting: "", expected: null, ...fault });
  }
}
