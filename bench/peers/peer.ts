import type { BuiltProgram } from "../processes/build.ts";
import type { Opened, StoreKind } from "./stores/store.ts";

/**
 * The request of every operation of the benchmark. The handler does nothing; the result repeats the
 * text.
 */
export const TEXT = "What was asked for comes back.";

/** A request of a caller; a body makes it a POST. */
export interface Request {
  readonly path: string;
  readonly body?: string;
}

/** How callers start an operation of a peer and learn its result. */
export interface Calls {
  readonly start: Request;
  /** @param started the body of the answer to the start */
  wait(started: string): Request;
}

/** A running peer: its server and its worker. */
export interface Running {
  /** The addresses that callers connect to, in turn. */
  readonly urls: readonly string[];
  readonly calls: Calls;
  /** The processes whose CPU counts, besides the store's. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** The environment of a peer. */
export interface Stage {
  /** The store of this turn, empty. */
  readonly store: Opened;
  /** Our program as published. */
  readonly program: BuiltProgram;
  /** A temporary folder, removed after the run. */
  readonly folder: string;
}

/** The server half of a peer: our `node:http` server in front of the peer calls it. */
export interface Front {
  /** @returns the id of the started operation, stored with the peer's durability */
  start(text: string): Promise<string>;
  /** @returns the text in the result, as soon as it is known */
  result(id: string): Promise<string>;
}

/** The code of a peer without HTTP of its own. Each half runs in a process of its own. */
export interface Adapter {
  /** Called first: creates the schema if there is none. @param address of the store */
  front(address: string): Promise<Front>;
  /** Returns when the worker runs. */
  work(address: string): Promise<void>;
}

/** A system that gets the same job. */
export interface Peer {
  /** The name for `--peers`. */
  readonly name: string;
  /** The name in tables. */
  readonly title: string;
  /** Its packages; their versions are printed. */
  readonly packages: readonly string[];
  readonly store: StoreKind;
  /** How the caller learns of the result. */
  readonly tells: string;
  /** The settings that were changed, and why. */
  readonly settings: string;
  /** Whether the result can be read later, and from where. */
  readonly keeps: string;
  /**
   * What prevents a worker whose lease or lock was lost from writing a result. Read in the source
   * of the measured version.
   */
  readonly fences: string;
  readonly adapter?: Adapter;
  launch(stage: Stage): Promise<Running>;
}

/** A peer that is not available here, and why. Not a failure. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}
