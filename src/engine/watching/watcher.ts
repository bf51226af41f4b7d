import type { StatusError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";

/**
 * A caller who receives the states of an operation or a collection. Its functions are called
 * synchronously and must not throw.
 */
export interface Watcher {
  /**
   * The current state of an operation: at first, and after each change. Revisions may be skipped.
   */
  changed(operation: Operation): void;
  /** An operation was removed, or no longer matches. */
  removed(name: string): void;
  /**
   * The watch has ended.
   *
   * @param error the reason; undefined if the server stops or cannot continue, and the caller may
   * watch again
   */
  ended(error?: StatusError): void;
}

/** The caller of a watch. */
export interface WatchSetting {
  /** The owner for the limits of shares: a tenant or a named caller. @default the connection */
  readonly caller?: { readonly principal: string | undefined; readonly tenant: string | null } | undefined;
  /**
   * The connection of the caller, which has a share of the seats. Undefined for a caller in this
   * process.
   */
  readonly connection?: object | undefined;
}

/** A running watch. */
export interface Watch {
  /** Whether it has ended. The watch of a done operation ends at once. */
  readonly isOver: boolean;
  /** Called after every kind of end. */
  onOver?: (() => void) | undefined;
  /** Ends the watch; the watcher receives nothing more. May be called repeatedly. */
  leave(): void;
}
