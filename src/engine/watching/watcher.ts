import type { StatusError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";

/** A caller who is told how an operation, or a collection, is from now on. Told at once and from anywhere: nothing throws. */
export interface Watcher {
  /** An operation as it is now: as it was found at first, and whenever it has changed. Revisions may be passed over. */
  changed(operation: Operation): void;
  /** An operation is not there any more, or not in what is watched. */
  removed(name: string): void;
  /**
   * Nothing more is told.
   *
   * @param error why; undefined where the server stops or cannot go on, and whoever watches is welcome again
   */
  ended(error?: StatusError): void;
}

/** Who watches. */
export interface WatchSetting {
  /** Who has a share of what only so many may have: a tenant, or a caller who is known by name. @default the connection */
  readonly caller?: { readonly principal: string | undefined; readonly tenant: string | null } | undefined;
  /** What the caller watches over, which has a share of all who wait and watch. Undefined for a caller in this process. */
  readonly connection?: object | undefined;
}

/** A watch that goes on. */
export interface Watch {
  /** Whether it has ended: of what is done already, it has when it begins. */
  readonly isOver: boolean;
  /** Is called when it has ended, however it did. */
  onOver?: (() => void) | undefined;
  /** Ends it; the watcher is told nothing more. Harmless when repeated. */
  leave(): void;
}
