import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method/method.ts";
import { sampleOf } from "../../core/method/sample.ts";
import { jsonSchemaOf } from "../../core/method/schema.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type { KeyCount } from "../../core/ports/statistics-store.ts";
import { spanText } from "../../core/value/span.ts";
import type { Bucket, ShownHistogram } from "./counted.ts";
import type { FailureGroup } from "./failures.ts";
import type { MethodState } from "./method-states.ts";

/** A method with all details. */
export interface MethodDetail {
  readonly state: MethodState;
  /** Null if unknown. */
  readonly requestSchema: JsonObject | null;
  readonly requestExample: JsonObject | null;
  readonly settings: readonly Setting[];
  readonly series: readonly Bucket[];
  readonly bucket: number;
  readonly begin: ShownHistogram;
  readonly run: ShownHistogram;
  readonly keys: readonly KeyState[];
  readonly failures: readonly FailureGroup[];
  /** Null if no failures are shown. */
  readonly failuresSince: number | null;
  readonly asOf: number;
}

/** A setting and its value, as readable text. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** A key that operations wait for, as shown to operators. */
export interface KeyState extends KeyCount {
  readonly blockedMore: boolean;
}

/** The request of a method: its schema, and an example that fits. */
export function requestOf(
  method: Method | undefined,
): Pick<MethodDetail, "requestSchema" | "requestExample"> {
  const schema = jsonSchemaOf(method?.request, "input");
  if (schema === undefined) return { requestSchema: null, requestExample: null };
  const example = sampleOf(schema);
  const isObject = typeof example === "object" && example !== null && !Array.isArray(example);
  return { requestSchema: schema, requestExample: isObject ? (example as JsonObject) : null };
}

/** The effective settings of a method, as readable text. */
export function settingsOf(method: Method | undefined): readonly Setting[] {
  if (method === undefined) return [];
  const { deadlineMs, timeToLive, parallel, concurrency } = method;
  return [
    { name: "Retries", value: retriesText(method) },
    { name: "Deadline", value: deadlineMs === null ? "none" : `${spanText(deadlineMs)} after its start` },
    { name: "Parallel", value: parallelText(parallel) },
    {
      name: "Handlers in a process",
      value: concurrency === null ? "as many as the process has slots" : `${concurrency}`,
    },
    { name: "Kept when done", value: keptText(timeToLive) },
  ];
}

function retriesText({ retry, isRemote }: Method): string {
  const { attempts, initialDelayMs, maxDelayMs, delaysMs, codes } = retry;
  if (attempts === 1) return "none: 1 attempt";
  const apart =
    delaysMs !== null
      ? delaysMs.map(spanText).join(", ")
      : initialDelayMs === maxDelayMs
        ? spanText(maxDelayMs)
        : `${spanText(initialDelayMs)} to ${spanText(maxDelayMs)}`;
  // A remote worker decides itself which errors are final.
  const which = isRemote || codes.size === 0 ? "" : `, on ${[...codes].join(", ")} and unexpected exceptions`;
  return `${attempts} attempts, ${apart} apart${which}`;
}

function parallelText(parallel: Method["parallel"]): string {
  if (parallel === null) return "no limit";
  return `${parallel.limit} of one key at once; others ${parallel.when === "queue" ? "wait" : "are refused"}`;
}

function keptText({ defaultMs, minMs, maxMs }: Method["timeToLive"]): string {
  const asked = minMs === maxMs ? "" : `; callers may ask for ${spanText(minMs)} to ${spanText(maxMs)}`;
  return `${spanText(defaultMs)}${asked}`;
}

/** Limits the count of a key. */
export function keyStateOf(key: KeyCount): KeyState {
  const { countedMax } = LIMITS;
  return { ...key, blocked: Math.min(key.blocked, countedMax), blockedMore: key.blocked > countedMax };
}
