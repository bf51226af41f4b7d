import { ANONYMOUS } from "../core/caller.ts";
import type { AbortSource, WaitingConnection } from "../core/ports/abort.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Engine } from "./engine.ts";
import type { ListPage, ListRequest } from "./listing/list.ts";
import type { StartRequest } from "./starting/request.ts";
import { startMany, type StartResult } from "./starting/start-many.ts";
import type { StartSetting } from "./starting/starting.ts";

/** The use cases as a test calls them. */
export function callsOf({ operations }: Pick<Engine, "operations">) {
  return {
    start: (start: StartRequest, setting: StartSetting = {}): Promise<Operation> =>
      operations.start(ANONYMOUS, start, setting),
    startMany: (
      starts: readonly StartRequest[],
      nextTurn?: () => Promise<void>,
    ): Promise<readonly StartResult[]> => startMany(operations, ANONYMOUS, starts, nextTurn),
    get: (name: string): Promise<Operation> => operations.get(ANONYMOUS, name),
    list: (list: ListRequest): Promise<ListPage> => operations.list(ANONYMOUS, list),
    cancel: (name: string): Promise<void> => operations.cancel(ANONYMOUS, name),
    delete: (name: string): Promise<void> => operations.delete(ANONYMOUS, name),
    wait: (
      name: string,
      setting: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSource } = {},
    ): Promise<Operation> => operations.wait(ANONYMOUS, name, setting),
    waitOver: (name: string, connected: WaitingConnection): Promise<Operation> =>
      operations.wait(ANONYMOUS, name, { waiting: connected }),
  };
}
