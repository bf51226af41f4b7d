import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** The names of everything served over gRPC; this file loads neither grpc-js nor descriptors. */

/** A service and its methods. */
export interface ServiceShape {
  /** Such as `google.longrunning.Operations`. */
  readonly typeName: string;
  /** Such as `GetOperation`. */
  readonly methods: readonly string[];
  /** Whether its methods answer with streams. @default false */
  readonly streams?: boolean;
}

/** The standard service of every caller. @see google/longrunning/operations.proto */
export const OPERATIONS_SERVICE: ServiceShape = {
  typeName: "google.longrunning.Operations",
  methods: ["GetOperation", "ListOperations", "DeleteOperation", "CancelOperation", "WaitOperation"],
};

/** The service that starts operations of methods without protos. @see proto/longrunning/v1/methods.proto */
export const METHODS_SERVICE: ServiceShape = {
  typeName: "longrunning.v1.Methods",
  methods: ["StartOperation", "StartOperations"],
};

/** The service that watches operations. @see proto/longrunning/v1/watches.proto */
export const WATCHES_SERVICE: ServiceShape = {
  typeName: "longrunning.v1.Watches",
  methods: ["WatchOperation", "WatchOperations"],
  streams: true,
};

/** The service of workers without the store. @see proto/longrunning/v1/workers.proto */
export const WORKERS_SERVICE: ServiceShape = {
  typeName: "longrunning.v1.Workers",
  methods: ["ClaimOperations", "RenewAttempts", "CompleteAttempts", "FailAttempts", "ReleaseAttempts"],
};

/** The service of operators, if it is served. @see proto/longrunning/v1/admin.proto */
export const ADMIN_SERVICE: ServiceShape = {
  typeName: "longrunning.v1.Admin",
  methods: [
    "GetSession",
    "GetSummary",
    "ListMethodStates",
    "GetMethodState",
    "PauseMethod",
    "ResumeMethod",
    "ListOperationRows",
    "CountOperationRows",
    "GetOperationRecord",
    "StartOperation",
    "CancelOperation",
    "DeleteOperation",
    "StartBulk",
    "ListFailures",
    "ListWorkers",
    "CreateApiKey",
    "ListApiKeys",
    "RevokeApiKey",
    "ListWebhookStates",
    "GetWebhookState",
    "PingWebhook",
    "EnableWebhook",
    "DisableWebhook",
    "RotateSecret",
    "Redeliver",
  ],
};

/** Our four services, and the services of the RPCs with the methods that exist. */
export function servedShapes(
  rpcs: Iterable<{
    readonly desc: { readonly name: string; readonly parent: { readonly typeName: string } };
  }>,
): readonly ServiceShape[] {
  const methods = new Map<string, string[]>();
  for (const { desc } of rpcs) {
    const names = methods.get(desc.parent.typeName) ?? [];
    names.push(desc.name);
    methods.set(desc.parent.typeName, names);
  }
  const users = Array.from(methods, ([typeName, names]) => ({ typeName, methods: names }));
  return [OPERATIONS_SERVICE, METHODS_SERVICE, WATCHES_SERVICE, WORKERS_SERVICE, ...users];
}

/** The path of a method, such as `/google.longrunning.Operations/GetOperation`. */
export function pathOf(typeName: string, method: string): string {
  return `/${typeName}/${method}`;
}

/**
 * A service definition for grpc-js. It passes bytes unchanged: our handlers reject invalid ones
 * with INVALID_ARGUMENT, while a deserializer that throws would cause INTERNAL.
 */
export function definitionOf({ typeName, methods, streams = false }: ServiceShape): ServiceDefinition {
  return Object.fromEntries(
    methods.map((method) => [method, bytesDefinition(pathOf(typeName, method), { response: streams })]),
  );
}

/** A method that passes bytes through unchanged. */
export function bytesDefinition(
  path: string,
  streams: { readonly request?: boolean; readonly response?: boolean } = {},
): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: streams.request ?? false,
    responseStream: streams.response ?? false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
