import type { AnswerTo, Change, Command } from "../../core/ports/store.ts";
import type { BesideOutcome, BesideWrite } from "./beside-writer.ts";
import type { LeaseLink } from "../leases/thread-renewals.ts";
import type { Fault } from "./fault.ts";
import type { SentCommand } from "./sent-command.ts";
import type { SqliteSettings } from "./settings.ts";

/** The messages between the main thread and the writer's thread. */

/** The result of one command. */
export type CommandOutcome =
  | { readonly answer: AnswerTo<Command>; readonly fault?: undefined }
  | { readonly answer?: undefined; readonly fault: Fault };

/** The results of a batch's commands, in their order, and the changes of its commit. */
export interface WriteReport {
  readonly outcomes: readonly CommandOutcome[];
  readonly changes: readonly Change[];
}

/** The start data of the thread. */
export interface WriterData extends LeaseLink {
  readonly path: string;
}

/** Messages to the thread, which answers them in order. */
export type ToWriter =
  | {
      readonly type: "write";
      readonly commands: readonly SentCommand[];
      readonly now: number;
    }
  | { readonly type: "write-beside"; readonly write: BesideWrite }
  | { readonly type: "settings" }
  | { readonly type: "close"; readonly now: number };

/** Messages from the thread. */
export type FromWriter =
  | { readonly type: "ready" }
  | { readonly type: "written"; readonly report: WriteReport }
  | { readonly type: "written-beside"; readonly outcome: BesideOutcome }
  | { readonly type: "settings"; readonly settings: SqliteSettings }
  | { readonly type: "closed" };

/**
 * Access to the writer, in its thread or in this one. Batches are carried out one after the other,
 * in the order of the calls.
 */
export interface WriterPort {
  write(commands: readonly Command[], now: number): Promise<WriteReport>;
  /** Writes in a separate transaction, between two batches. */
  writeBeside(write: BesideWrite): Promise<BesideOutcome>;
  /** The settings in force on the connection that writes. */
  settings(): Promise<SqliteSettings>;
  /** @param now the store's time, from which the next start continues */
  close(now: number): Promise<void>;
}
