import type { Field, FieldType } from "./filter.ts";

/**
 * The fields that a filter may contain. Fields of the service have types, which literals must fit.
 * Fields of reports and responses have any type, which is only known from the operation.
 */
export const TOP_FIELDS = ["name", "done", "error", "metadata", "response"] as const;

const ERROR_FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["code", "code"],
  ["message", "text"],
  ["details", "list"],
]);

/** Metadata fields that the service fills, except those about the answer itself. */
const SERVICE_FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["verb", "text"],
  ["target", "text"],
  ["createTime", "time"],
  ["scheduleTime", "time"],
  ["startTime", "time"],
  ["endTime", "time"],
  ["expireTime", "time"],
  ["state", "state"],
  ["attempt", "number"],
  ["priority", "number"],
  ["requestedCancellation", "boolean"],
]);

/** These depend on the server and the moment, so they cannot select operations. */
const ANSWER_FIELDS: ReadonlySet<string> = new Set(["apiVersion", "pollInterval"]);

/** A field, or the expected text in place of the segment at `index`. */
export type FieldFinding =
  | { readonly field: Field }
  | { readonly field?: undefined; readonly index: number; readonly expected: string };

/** Finds the field of a path, in either spelling: `metadata.createTime`, `metadata.create_time`. */
export function findField(path: readonly string[]): FieldFinding {
  const [top = "", second] = path;
  if (top === "name") return scalar(path, 0, "text");
  if (top === "done") return scalar(path, 0, "boolean");
  if (top === "error") return second === undefined ? whole(path) : findErrorField(path, second);
  if (top !== "metadata" && top !== "response") {
    return { index: 0, expected: `one of the fields ${TOP_FIELDS.join(", ")}` };
  }
  if (second === undefined) return whole(path);
  if (second === "@type") return scalar(path, 1, "text");
  return top === "metadata" ? findMetadataField(path, second) : { field: { path, type: "any" } };
}

/** A name in lowerCamelCase. */
export function camelCase(name: string): string {
  return !name.includes("_")
    ? name
    : name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A name in lower_snake_case. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function findMetadataField(path: readonly string[], name: string): FieldFinding {
  const camel = camelCase(name);
  if (ANSWER_FIELDS.has(camel)) {
    return {
      index: 1,
      expected: `a field of the operation, since ${camel} tells about the answer`,
    };
  }
  const type = SERVICE_FIELDS.get(camel);
  if (type === undefined) return { field: { path, type: "any" } };
  return scalar(["metadata", camel, ...path.slice(2)], 1, type);
}

function findErrorField(path: readonly string[], name: string): FieldFinding {
  const type = ERROR_FIELDS.get(name);
  if (type === undefined) {
    return { index: 1, expected: `one of the fields ${Array.from(ERROR_FIELDS.keys()).join(", ")} of error` };
  }
  return type === "list" ? { field: { path, type } } : scalar(path, 1, type);
}

function scalar(path: readonly string[], last: number, type: FieldType): FieldFinding {
  if (path.length === last + 1) return { field: { path, type } };
  return {
    index: last + 1,
    expected: `a comparator, since ${path.slice(0, last + 1).join(".")} has no fields`,
  };
}

function whole(path: readonly string[]): FieldFinding {
  return { field: { path, type: "message" } };
}
