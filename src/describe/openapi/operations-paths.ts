import { invariant } from "../../core/invariant.ts";
import type { ApiDescription, MethodDescription } from "../discovery/description.ts";
import { operationsResource } from "../discovery/operations-resource.ts";
import { operationObject, type OperationExtras } from "./operation-object.ts";
import type { JsonSchema } from "./schema.ts";

/** The five methods of google.longrunning.Operations as paths. */
export function operationsPaths(api: ApiDescription): Record<string, object> {
  const { methods } = operationsResource(api.name, api.version);
  const describe = (name: string, extras: Partial<OperationExtras> = {}): object => {
    const method = methods[name];
    invariant(method !== undefined, "the operations resource has all five methods");
    return operationObject(onWholeName(method), {
      tag: "operations",
      parameters: { operation: OPERATION, name: PARENT },
      errors: ["INVALID_ARGUMENT", "NOT_FOUND"],
      ...extras,
    });
  };
  const collection = `/${api.version}/operations`;
  return {
    [collection]: { get: describe("list", { errors: ["INVALID_ARGUMENT", "UNIMPLEMENTED"] }) },
    [`${collection}/{operation}`]: { get: describe("get", { tagged: true }), delete: describe("delete") },
    [`${collection}/{operation}:cancel`]: { post: describe("cancel", { bodyIsOptional: true }) },
    [`${collection}/{operation}:wait`]: {
      post: describe("wait", { errors: ["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"] }),
    },
  };
}

/**
 * All methods but `list` have the path parameter `operation` here: the text after `operations/`.
 */
function onWholeName(method: MethodDescription): MethodDescription {
  const { name, ...others } = method.parameters;
  if (name === undefined || method.path.includes("{+name}/")) return method;
  return { ...method, parameters: { operation: name, ...others } };
}

const OPERATION: JsonSchema = {
  name: "operation",
  in: "path",
  description:
    "The id of the operation, which is the last segment of its name; or its whole name with the slashes percent-encoded, such as `projects%2Fp%2Foperations%2F1`.",
  required: true,
  schema: { type: "string", minLength: 1 },
};

const PARENT: JsonSchema = {
  name: "name",
  in: "query",
  description:
    "The name of the operations' parent resource, such as `projects/p/locations/l`. Default: operations without a parent.",
  schema: { type: "string" },
};
