import { CODES } from "../error/code.ts";
import { formatName } from "../operation/name.ts";
import { isDone, type Operation, scheduleTimeOf } from "../operation/operation.ts";
import { isSealed, keyUnavailable } from "../operation/sealed.ts";
import { EMPTY, type JsonObject, type Payload, STRUCT } from "../operation/payload.ts";

const TYPE_URL_PREFIX = "type.googleapis.com/";

/**
 * An operation as filters see it: its form on the wire, with a Struct's members in place of the
 * Struct.
 */
export class FilteredRecord {
  readonly operation: Operation;
  readonly name: string;
  #reported: JsonObject | undefined;
  #response: JsonObject | undefined;

  constructor(operation: Operation) {
    this.operation = operation;
    this.name = formatName(operation);
  }

  get done(): boolean {
    return isDone(this.operation);
  }

  /** The handler's report, parsed at the first use. */
  get reported(): JsonObject {
    this.#reported ??= membersOf(this.operation.metadata);
    return this.#reported;
  }

  /** The handler's response; undefined before there is one. */
  get response(): JsonObject | undefined {
    if (this.operation.response === null) return undefined;
    this.#response ??= membersOf(this.operation.response);
    return this.#response;
  }

  /** The number of the error's code; undefined without an error. */
  get errorCode(): number | undefined {
    const { error } = this.operation;
    return error === null ? undefined : CODES[error.code];
  }

  /**
   * A field of the service: a text, a number, an instant in milliseconds or a boolean; undefined if
   * missing.
   */
  serviceField(field: string): string | number | boolean | undefined {
    const { operation } = this;
    switch (field) {
      case "verb":
        return operation.method;
      case "target":
        return operation.target === "" ? undefined : operation.target;
      case "state":
        return operation.state;
      case "attempt":
        return operation.attempt;
      case "priority":
        return operation.priority === 0 ? undefined : operation.priority;
      case "scheduleTime":
        return scheduleTimeOf(operation) ?? undefined;
      case "requestedCancellation":
        return operation.cancelTime !== null;
      case "createTime":
      case "startTime":
      case "endTime":
      case "expireTime":
        return operation[field] ?? undefined;
      default:
        return undefined;
    }
  }

  /** The URL of the metadata's or response's type on the wire. */
  typeUrl(of: "metadata" | "response"): string | undefined {
    const payload = this.operation[of];
    if (of === "response") return payload === null ? undefined : TYPE_URL_PREFIX + payload.type;
    const isOurs = payload === null || payload.type === EMPTY.type;
    return TYPE_URL_PREFIX + (isOurs ? STRUCT : payload.type);
  }
}

/** @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE for a sealed payload */
function membersOf(payload: Payload | null): JsonObject {
  if (payload !== null && isSealed(payload.json)) throw keyUnavailable();
  const value: unknown = payload === null ? undefined : JSON.parse(payload.json);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
