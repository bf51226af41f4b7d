import type { AnswerTo, Change, Command } from "../../core/ports/store.ts";
import type { BesideOutcome, BesideWrite } from "./beside-writer.ts";
import type { LeaseLink } from "../leases/thread-renewals.ts";
import type { Fault } from "./fault.ts";
import type { SqliteSettings } from "./settings.ts";

/** What the main thread and the writer's thread tell each other. */

/** What became of one command. */
export type CommandOutcome =
  | { readonly answer: AnswerTo<Command>; readonly fault?: undefined }
  | { readonly answer?: undefined; readonly fault: Fault };

/** What became of the commands of a batch, in their order, and what their commit changed. */
export interface WriteReport {
  readonly outcomes: readonly CommandOutcome[];
  readonly changes: readonly Change[];
}

/** What the thread is started with. */
export interface WriterData extends LeaseLink {
  readonly path: string;
}

/** To the thread, which answers in the order in which it is asked. */
export type ToWriter =
  | {
      readonly type: "write";
      readonly commands: readonly Command[];
      readonly now: number;
    }
  | { readonly type: "write-beside"; readonly write: BesideWrite }
  | { readonly type: "settings" }
  | { readonly type: "close"; readonly now: number };

/** From the thread. */
export type FromWriter =
  | { readonly type: "ready" }
  | { readonly type: "written"; readonly report: WriteReport }
  | { readonly type: "written-beside"; readonly outcome: BesideOutcome }
  | { readonly type: "settings"; readonly settings: SqliteSettings }
  | { readonly type: "closed" };

/** Where the writer is reached: in its thread, or here. Batches are carried out one after the other, in the order in which they come. */
export interface WriterPort {
  write(commands: readonly Command[], now: number): Promise<WriteReport>;
  /** In a transaction of its own, between two batches. */
  writeBeside(write: BesideWrite): Promise<BesideOutcome>;
  /** What is in force on the connection that writes. */
  settings(): Promise<SqliteSettings>;
  /** @param now the store's clock, for the next start to go on from */
  close(now: number): Promise<void>;
}
