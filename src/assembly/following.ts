import { IN_PROCESS } from "../core/caller.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import { notFoundError } from "../engine/missing.ts";
import type { Operations } from "../engine/operations.ts";
import type { Watcher } from "../engine/watching/watcher.ts";

/**
 * Waits until an operation is done, however long that takes.
 *
 * @throws {StatusError} NOT_FOUND; RESOURCE_EXHAUSTED TOO_MANY_WAITERS; UNAVAILABLE SHUTTING_DOWN
 * @throws the signal's reason when it aborts
 */
export async function ended(
  useCases: Operations,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Operation> {
  for (;;) {
    signal?.throwIfAborted();
    const operation = await useCases.wait(IN_PROCESS, name, { timeoutMs: LIMITS.waitMsMax, signal });
    if (isDone(operation)) return operation;
    signal?.throwIfAborted();
    if (useCases.stopping) throw stoppingError(name);
  }
}

/**
 * The current state of an operation, and its changes until it is done; if changes come faster than
 * they are consumed, only the newest. A watch that ends before the operation does, for example
 * after a short outage of the store, is started again.
 *
 * It throws the same errors as {@link ended}.
 */
export async function* updates(
  useCases: Operations,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Operation, void, undefined> {
  let revision = 0;
  for (;;) {
    signal?.throwIfAborted();
    const newest = new Newest();
    const { watch } = await useCases.watchOperation(IN_PROCESS, name, newest);
    signal?.addEventListener("abort", newest.wake);
    try {
      for (;;) {
        signal?.throwIfAborted();
        const operation = await newest.next();
        signal?.throwIfAborted();
        if (operation === undefined) break;
        if (operation.revision <= revision) continue;
        revision = operation.revision;
        yield operation;
        if (isDone(operation)) return;
      }
    } finally {
      signal?.removeEventListener("abort", newest.wake);
      watch.leave();
    }
    if (useCases.stopping) throw stoppingError(name);
  }
}

/** Keeps the newest state that a watch reports. */
class Newest implements Watcher {
  #operation: Operation | undefined;
  #end: { readonly error: StatusError | undefined } | undefined;
  #told = Promise.withResolvers<void>();

  changed(operation: Operation): void {
    this.#operation = operation;
    this.wake();
  }

  removed(name: string): void {
    this.ended(notFoundError(name));
  }

  ended(error?: StatusError): void {
    this.#end = { error };
    this.wake();
  }

  readonly wake = (): void => this.#told.resolve();

  /**
   * Waits for the next state that was not consumed; undefined if the watch has ended, or after a
   * false wake-up.
   */
  async next(): Promise<Operation | undefined> {
    await this.#told.promise;
    const operation = this.#operation;
    this.#operation = undefined;
    if (this.#end === undefined) this.#told = Promise.withResolvers();
    if (operation === undefined && this.#end?.error !== undefined) throw this.#end.error;
    return operation;
  }
}

function stoppingError(name: string): StatusError {
  return serviceError(
    "SHUTTING_DOWN",
    `The server is stopping; operation "${name}" goes on elsewhere or later.`,
  );
}
