import { shardOf } from "../../core/operation/id.ts";
import type { Along, Command } from "../../core/ports/store.ts";
import { type Elements, elementsOf } from "./array.ts";
import { toInsertRow, toReplaceRow } from "./row.ts";

/**
 * A command with its row of the batch. The row is built before the batch, so that an invalid
 * command fails alone.
 */
export interface Prepared<C extends Command = Command> {
  readonly command: C;
  /** Empty for claims and purges, which run without a batch. */
  readonly row: Elements;
  /** The rows of the operations that are stored together with it. */
  readonly along: readonly Elements[];
  /** Whether an earlier attempt has been committed, or may have been without our knowledge. */
  isRepeated: boolean;
}

/**
 * Records that a statement has carried out a command. If a later statement of the same batch fails,
 * the command is attempted again, and must then recognize its own write.
 */
export function noteWritten(prepared: Prepared): void {
  prepared.isRepeated = true;
}

/** @throws {InvariantError} for a command that cannot be converted to a row */
export function prepare<C extends Command>(command: C, isRepeated = false): Prepared<C> {
  return { command, row: rowOf(command), along: alongRows(command), isRepeated };
}

/** The size of a command's row in bytes, slightly underestimated: texts are sent as UTF-8. */
export function bytesOf({ row, along }: Prepared): number {
  let bytes = 0;
  for (const element of row) bytes += element.length;
  for (const each of along) for (const element of each) bytes += element.length;
  return bytes;
}

const NONE: readonly never[] = [];

/** The operations that are stored together with a command's change. */
export function alongOf(command: Command): Along {
  return "along" in command ? (command.along ?? NONE) : NONE;
}

function alongRows(command: Command): readonly Elements[] {
  const along = alongOf(command);
  return along.length === 0 ? NONE : along.map((each) => elementsOf(toInsertRow(each, false)));
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
