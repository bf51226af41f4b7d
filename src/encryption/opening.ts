import type { Tell } from "../core/events.ts";
import type { EndedAttempt } from "../core/operation/attempts.ts";
import { formatName } from "../core/operation/name.ts";
import type { Failure, Operation } from "../core/operation/operation.ts";
import { payloadLost } from "../core/operation/transition.ts";
import type { Payload } from "../core/operation/payload.ts";
import { isSealed, keyUnavailable, LOST_REQUEST, sealedWhole } from "../core/operation/sealed.ts";
import type { OperationRow } from "../core/list/operation-row.ts";
import type { DataKeys, KnownKeys } from "./data-keys.ts";
import { dekIdOf, open } from "./envelope.ts";
import { attemptField, bindingOf, errorField, payloadField, type Place } from "./sealing.ts";

/** The parts for opening records. */
export interface OpeningParts {
  readonly keys: DataKeys;
  /** The name of the service, for the ErrorInfo of errors. */
  readonly domain: string;
  readonly tell: Tell;
}

/**
 * Opens records after they were read. Parts that were never sealed are unchanged. A part that
 * nobody can open any more is *lost*: an error (DATA_LOSS) replaces a lost outcome, and the rest of
 * the record is unchanged.
 */
export class Opening {
  readonly #parts: OpeningParts;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /**
   * Opens records; not a promise if all of their keys are known. Parts for which this process has
   * no key stay sealed.
   */
  records(operations: readonly Operation[]): readonly Operation[] | Promise<readonly Operation[]> {
    const ids = new Set(operations.flatMap(keysOf));
    if (ids.size === 0) return operations;
    const isReadable = (each: Operation, keys: KnownKeys): boolean =>
      keysOf(each).every((id) => keys.get(id)?.isUnavailable !== true);
    return this.#withKeys(ids, (keys) =>
      operations.map((each) => (isReadable(each, keys) ? this.#record(each, keys) : each)),
    );
  }

  /**
   * Opens a record. @throws {StatusError} UNAVAILABLE KEY_UNAVAILABLE if this process does not have
   * its key
   */
  record(operation: Operation): Operation | Promise<Operation> {
    const ids = keysOf(operation);
    if (ids.length === 0) return operation;
    return this.#withKeys(new Set(ids), (keys) => this.#record(operation, keys));
  }

  /**
   * Opens the texts from payloads in rows. A text for which this process has no key is replaced by
   * a note.
   */
  rows(rows: readonly OperationRow[]): readonly OperationRow[] | Promise<readonly OperationRow[]> {
    const ids = new Set(rows.flatMap(({ message }) => (isSealed(message) ? [dekIdOf(message)] : [])));
    if (ids.size === 0) return rows;
    return this.#withKeys(ids, (keys) => rows.map((each) => this.#row(each, keys)));
  }

  #withKeys<Opened>(ids: ReadonlySet<string>, use: (keys: KnownKeys) => Opened): Opened | Promise<Opened> {
    const keys = this.#parts.keys.opening(ids);
    return keys instanceof Promise ? keys.then(use) : use(keys);
  }

  #record(operation: Operation, keys: KnownKeys): Operation {
    const ids = keysOf(operation);
    if (ids.length === 0) return operation;
    const { request, metadata, response, error, exception, attempts } = operation;
    for (const id of ids) if (keys.get(id)?.isUnavailable === true) throw keyUnavailable();
    const text = (sealed: string, field: string): string | undefined =>
      this.#text(sealed, keys, { operation, field });
    const payload = (of: "metadata" | "response", sealed: Payload | null): Payload | null | undefined => {
      if (sealed === null) return null;
      const json = text(sealed.json, payloadField(of, sealed));
      return json === undefined ? undefined : { type: sealed.type, json };
    };
    const told = payload("response", response);
    const failure = error === null ? null : failureOf(error, text(error.message, errorField(error)));
    const isLost = told === undefined || failure === undefined;
    const asked = (): string => text(request, "request") ?? LOST_REQUEST;
    return withRequest(request, asked, {
      ...operation,
      metadata: payload("metadata", metadata) ?? null,
      response: isLost ? null : told,
      error: isLost ? payloadLost(this.#parts.domain) : failure,
      exception: exception === null ? null : (text(exception, "exception") ?? null),
      attempts: attempts.map((each) => ({ ...each, message: text(each.message, attemptField(each)) ?? "" })),
    });
  }

  #row(row: OperationRow, keys: KnownKeys): OperationRow {
    if (!isSealed(row.message)) return row;
    if (keys.get(dekIdOf(row.message))?.isUnavailable === true) return { ...row, message: UNREADABLE };
    const field = row.errorCode === null ? "metadata.head" : "error.head";
    const head = this.#text(row.message, keys, { operation: row, field });
    if (head === undefined) return { ...row, message: "" };
    const [progressPercent, message] = JSON.parse(head) as [number | null, string];
    return { ...row, progressPercent, message };
  }

  /** @returns undefined if it is lost */
  #text(
    sealed: string,
    keys: KnownKeys,
    { operation, field }: { readonly operation: Place; readonly field: string },
  ): string | undefined {
    if (!isSealed(sealed)) return sealed;
    const whole = sealedWhole(sealed);
    const known = keys.get(dekIdOf(whole));
    if (known?.isUnavailable === true) throw keyUnavailable();
    if (known?.key === undefined) return undefined;
    const { secret, service } = known.key;
    const text = open(secret, whole, bindingOf(service, operation, field));
    // A missing key was destroyed on purpose; a text that does not open was altered.
    if (text === undefined) this.#parts.tell["encryption.altered"]?.({ operation: formatName(operation) });
    return text;
  }
}

/** Replaces a text in a row if this process has no key for it. */
const UNREADABLE = "Encrypted with a key that this process does not have.";

/** Opens the request on first access, because a polling caller never sees it. */
function withRequest(sealed: string, opened: () => string, operation: Operation): Operation {
  if (!isSealed(sealed)) return operation;
  let request: string | undefined;
  return {
    ...operation,
    get request() {
      return (request ??= opened());
    },
  };
}

function failureOf(error: Failure, text: string | undefined): Failure | undefined {
  if (text === undefined) return undefined;
  if (!isSealed(error.message)) return error;
  const [message, details] = JSON.parse(text) as [string, Failure["details"]];
  return { code: error.code, message, details };
}

/** The ids of the keys that seal a record. */
function keysOf({ request, metadata, response, error, exception, attempts }: Operation): readonly string[] {
  const ids: string[] = [];
  const look = (text: string | undefined | null): void => {
    if (text !== undefined && text !== null && isSealed(text)) ids.push(dekIdOf(sealedWhole(text)));
  };
  look(request);
  look(metadata?.json);
  look(response?.json);
  look(error?.message);
  look(exception);
  for (const each of attempts satisfies readonly EndedAttempt[]) look(each.message);
  return ids;
}
