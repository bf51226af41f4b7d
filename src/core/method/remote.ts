const REMOTE: unique symbol = Symbol.for("longrunning.remote") as never;

/** Replaces the handler of a method that only workers without the store run, over the network. */
export interface RemoteRun {
  (): never;
  readonly [REMOTE]: true;
}

/**
 * The `run` of a method that workers without the store execute. Starts are accepted and validated
 * even if no worker is connected.
 */
export function remote(): RemoteRun {
  return REMOTE_RUN;
}

const REMOTE_RUN: RemoteRun = Object.assign(
  (): never => {
    throw new Error("A method of remote workers has no handler here");
  },
  { [REMOTE]: true as const },
);

/** Whether a handler is {@link remote}. */
export function isRemote(run: unknown): run is RemoteRun {
  return typeof run === "function" && REMOTE in run;
}
