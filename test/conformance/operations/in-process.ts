import type { ClientOperation } from "../../../src/client/index.ts";
import { type Method, openOperations, type TypedOperation } from "../../../src/index.ts";
import type { Caller, Subject } from "./subject.suite.ts";

const CANNOT: Subject["cannot"] = {
  names: "in process a method is started by its value: the compiler refuses what is not declared",
  metadata: "in process metadata is what the handler reported; state and times are fields of the operation",
  abort: "in process a wait that is given up answers the latest state",
};

/**
 * Callers in the service's own process, with the calls of `openOperations`.
 *
 * @param emptyStore the address of an empty store
 */
export function inProcess(name: string, emptyStore: () => string | Promise<string>): Subject {
  return {
    name,
    cannot: CANNOT,
    async open(methods, clock) {
      const operations = await openOperations({
        methods,
        store: await emptyStore(),
        drain: "0s",
        ...(clock === undefined ? {} : { clock }),
      });
      const caller = callerOver(operations);
      return { caller, [Symbol.asyncDispose]: () => operations.stop() };
    },
  };
}

function callerOver(operations: Awaited<ReturnType<typeof openOperations>>): Caller {
  const caller = {
    start: async (method: Method, request: never, options = {}) =>
      clientOperation(await operations.start(method, request, options)),
    startMany: async (items: Parameters<typeof operations.startMany>[0]) =>
      (await operations.startMany(items)).map(({ operation, error }) =>
        operation === undefined ? { error } : { operation: clientOperation(operation) },
      ),
    get: async (reference: string) => clientOperation(await operations.get(nameOf(reference))),
    listPage: async (call = {}) => {
      const page = await operations.list(call);
      return { ...page, operations: page.operations.map(clientOperation) };
    },
    async *list(call = {}) {
      let pageToken = "";
      do {
        const page = await caller.listPage({ ...call, pageToken });
        yield* page.operations;
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
    },
    cancel: (reference: string) => operations.cancel(nameOf(reference)),
    delete: (reference: string) => operations.delete(nameOf(reference)),
    wait: async (reference: string, options = {}) =>
      clientOperation(await operations.wait(nameOf(reference), options)),
    result: (reference: string) => operations.result(reference),
    async *updates(reference: string) {
      for await (const operation of operations.updates(reference)) yield clientOperation(operation);
    },
  };
  return caller as unknown as Caller;
}

function nameOf(reference: string | { readonly name: string }): string {
  return typeof reference === "string" ? reference : reference.name;
}

function clientOperation({ name, done, metadata, response, error }: TypedOperation): ClientOperation {
  return { name, done, metadata: { ...(metadata as object | null) }, response, error };
}
