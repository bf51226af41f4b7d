import type { Signal } from "../core/ports/abort.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Engine } from "./engine.ts";
import type { ListPage, ListRequest } from "./list.ts";
import type { StartRequest } from "./request.ts";
import { startMany, type StartResult } from "./start-many.ts";
import type { StartSetting } from "./starting.ts";

/** Somebody who waits over a connection. */
export type Connected = NonNullable<NonNullable<Parameters<Engine["operations"]["wait"]>[1]>["caller"]>;

/** The use cases as a caller in a test has them. */
export function callsOf({ operations }: Pick<Engine, "operations">) {
  return {
    start: (start: StartRequest, setting: StartSetting = {}): Promise<Operation> =>
      operations.start(start, setting),
    startMany: (
      starts: readonly StartRequest[],
      nextTurn?: () => Promise<void>,
    ): Promise<readonly StartResult[]> => startMany(operations, starts, nextTurn),
    get: (name: string): Promise<Operation> => operations.get(name),
    list: (list: ListRequest): Promise<ListPage> => operations.list(list),
    cancel: (name: string): Promise<void> => operations.cancel(name),
    delete: (name: string): Promise<void> => operations.delete(name),
    wait: (
      name: string,
      setting: { readonly timeoutMs?: number | undefined; readonly signal?: Signal } = {},
    ): Promise<Operation> => operations.wait(name, setting),
    waitOver: (name: string, connected: Connected): Promise<Operation> =>
      operations.wait(name, { caller: connected }),
  };
}
