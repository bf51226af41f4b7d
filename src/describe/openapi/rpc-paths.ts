import type { PlacedMethod } from "../discovery/rpc-describer.ts";
import { operationObject } from "./operation-object.ts";
import { type JsonSchema, parameterObject } from "./schema.ts";

/**
 * RPCs with HTTP bindings as paths. OpenAPI's path parameters have no slashes, so a path has one
 * parameter for each variable part, and the names of resources are written out:
 * `/v1/projects/{projectsId}/instances`.
 */
export function rpcPaths(placed: readonly PlacedMethod[]): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, flatParameters, service, example, startName } of placed) {
    const query = Object.entries(method.parameters).filter(([, { location }]) => location === "query");
    const parameters = { ...flatParameters, ...Object.fromEntries(query) };
    const shown = Object.entries(example.parameters).flatMap(([name, value]) => {
      const parameter = parameters[name];
      return parameter === undefined ? [] : [[name, { ...parameterObject(name, parameter), example: value }]];
    });
    const path = `/${method.flatPath}`;
    const starts = method.response.$ref === "Operation";
    paths[path] = {
      ...paths[path],
      [method.httpMethod.toLowerCase()]: operationObject(
        { ...method, parameters },
        {
          tag: service,
          bodyIsOptional: true,
          starts,
          errors: ["INVALID_ARGUMENT"],
          parameters: Object.fromEntries(shown) as Record<string, JsonSchema>,
          example: example.body,
          start: startName === undefined ? undefined : { method: startName, request: example.request },
        },
      ),
    };
  }
  return paths;
}

/** A tag for each service. */
export function rpcTags(placed: readonly PlacedMethod[]): readonly object[] {
  return [...new Set(placed.map(({ service }) => service))].map((name) => ({ name }));
}
