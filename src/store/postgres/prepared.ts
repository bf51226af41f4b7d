import { shardOf } from "../../core/operation/id.ts";
import type { Command } from "../../core/ports/store.ts";
import { type Elements, elementsOf } from "./array.ts";
import { toInsertRow, toReplaceRow } from "./row.ts";

/** A command with its row of the batch, written before it meets others: one that cannot be written fails alone. */
export interface Prepared<C extends Command = Command> {
  readonly command: C;
  /** Empty for claims and purges, which are carried out by themselves. */
  readonly row: Elements;
  /** Whether an earlier try may have been committed without our knowing. */
  isRepeated: boolean;
}

/** @throws {InvariantError} for a command that cannot be written down */
export function prepare<C extends Command>(command: C, isRepeated = false): Prepared<C> {
  return { command, row: rowOf(command), isRepeated };
}

/** The size of a command's row, in bytes or a little less: texts are sent as UTF-8. */
export function bytesOf({ row }: Prepared): number {
  let bytes = 0;
  for (const element of row) bytes += element.length;
  return bytes;
}

function rowOf(command: Command): Elements {
  switch (command.verb) {
    case "insert":
      return elementsOf(toInsertRow(command.operation, false));
    case "replace":
      return elementsOf(toReplaceRow(command));
    case "renew": {
      const { id, attempt, leaseMs, metadata } = command;
      return elementsOf([shardOf(id), id, attempt, leaseMs, metadata?.type ?? null, metadata?.json ?? null]);
    }
    case "remove":
      return elementsOf([shardOf(command.id), command.id, command.parent]);
    case "claim":
    case "purge":
      return [];
  }
}
