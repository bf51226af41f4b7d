import { IN_PROCESS } from "../core/caller.ts";
import { durationMs } from "../core/value/duration.ts";
import type { Method, ReceivedResponse } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Schema } from "../core/method/schema.ts";
import type { Operations as UseCases } from "../engine/operations.ts";
import { startMany } from "../engine/starting/start-many.ts";
import {
  type FollowOptions,
  type OpenedOperations,
  OperationError,
  type Reference,
  type StartItems,
} from "./opened-operations.ts";
import { ended, updates } from "./following.ts";
import { asStatusError, type StartedOperation, type StartItem, startOfCall, startOfItem } from "./starts.ts";
import { type TypedOperation, typedOperation } from "./typed-operation.ts";

/**
 * The use cases for the program in this process: with the types of its methods, and durations as
 * texts.
 */
export function typedCalls(
  useCases: UseCases,
): Pick<
  OpenedOperations,
  "start" | "startMany" | "get" | "list" | "cancel" | "delete" | "wait" | "result" | "updates"
> {
  const typed = <R extends Schema | undefined, M extends Schema | undefined>(
    operation: Operation,
  ): TypedOperation<R, M> => typedOperation(operation, useCases.methods.get(operation.method)?.codec);
  return {
    start: async (method, value, options = {}) => {
      return typed(await useCases.start(IN_PROCESS, startOfCall(method, value, options)));
    },
    startMany: async <T extends readonly Method[] | readonly []>(items: StartItems<T>) => {
      const results = await startMany(useCases, IN_PROCESS, (items as readonly StartItem[]).map(startOfItem));
      const started = results.map(({ operation, error }) =>
        operation === undefined ? { error: asStatusError(error) } : { operation: typed(operation) },
      );
      return started as unknown as { readonly [Index in keyof T]: StartedOperation<T[Index]> };
    },
    get: async (name) => typed(await useCases.get(IN_PROCESS, name)),
    list: async (request = {}) => {
      const page = await useCases.list(IN_PROCESS, { parent: "", ...request });
      return {
        operations: page.operations.map((operation) => typed(operation)),
        nextPageToken: page.nextPageToken,
      };
    },
    cancel: (name) => useCases.cancel(IN_PROCESS, name),
    delete: (name) => useCases.delete(IN_PROCESS, name),
    wait: async (name, { timeout, signal } = {}) => {
      const timeoutMs = timeout === undefined ? undefined : durationMs("timeout", timeout);
      return typed(await useCases.wait(IN_PROCESS, name, { timeoutMs, signal }));
    },
    result: async <R extends Schema | undefined, M extends Schema | undefined>(
      reference: Reference,
      { signal }: FollowOptions<R, M> = {},
    ) => {
      const operation = typed<R, M>(await ended(useCases, nameOf(reference), signal));
      if (operation.error !== null) throw new OperationError<TypedOperation>(operation, operation.error);
      return operation.response as ReceivedResponse<R>;
    },
    updates: async function* (reference, { signal } = {}) {
      for await (const operation of updates(useCases, nameOf(reference), signal)) yield typed(operation);
    },
  };
}

function nameOf(reference: Reference): string {
  return typeof reference === "string" ? reference : reference.name;
}
