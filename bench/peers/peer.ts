import type { BuiltProgram } from "../processes/build.ts";
import type { Opened, StoreKind } from "./stores/store.ts";

/** What every operation of the benchmark is asked for, and what its result says again: the handler does nothing. */
export const TEXT = "What was asked for comes back.";

/** A request of a caller; a body makes it a POST. */
export interface Request {
  readonly path: string;
  readonly body?: string;
}

/** How callers start an operation of a peer, and how they learn of its result. */
export interface Calls {
  readonly start: Request;
  /** @param started the body that answered the start */
  wait(started: string): Request;
}

/** A peer that is up: its server and its worker. */
export interface Running {
  /** Where callers connect, in turn. */
  readonly urls: readonly string[];
  readonly calls: Calls;
  /** The processes whose CPU counts beside the store's. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** What a peer needs in order to run. */
export interface Stage {
  /** The store of this turn, empty. */
  readonly store: Opened;
  /** Our program as it is published. */
  readonly program: BuiltProgram;
  /** Gone after the run. */
  readonly folder: string;
}

/** The server's half of a peer: what our `node:http` server in front of it calls. */
export interface Front {
  /** @returns the id of what was started, stored at the peer's durability */
  start(text: string): Promise<string>;
  /** @returns the text in the result, as soon as it is known */
  result(id: string): Promise<string>;
}

/** The code of a peer that has no HTTP of its own. Each half runs in a process of its own. */
export interface Adapter {
  /** Called first: makes the schema if there is none. @param address of the store */
  front(address: string): Promise<Front>;
  /** Returns when the worker runs. */
  work(address: string): Promise<void>;
}

/** A system that the job is given to. */
export interface Peer {
  /** For `--peers`. */
  readonly name: string;
  /** As it is written in tables. */
  readonly title: string;
  /** The packages it is made of; their versions are printed. */
  readonly packages: readonly string[];
  readonly store: StoreKind;
  /** How the caller learns of the result. */
  readonly tells: string;
  /** What was set, and what for. */
  readonly settings: string;
  /** Whether the result can be read later, and from where. */
  readonly keeps: string;
  /** What stops a worker that was given up from writing a result. Read in the source of the version that is measured. */
  readonly fences: string;
  readonly adapter?: Adapter;
  launch(stage: Stage): Promise<Running>;
}

/** A peer that cannot take part here, and why. Not a failure. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}
