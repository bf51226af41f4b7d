import { callerOf } from "../core/caller.ts";
import { ATTEMPT_DETAILS, type AttemptDetails } from "../core/method/attempt-details.ts";
import type { Context, Method } from "../core/method/method.ts";
import { encodedReport } from "../core/method/encoding.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import type { SchemaResult } from "../core/method/schema.ts";
import { systemClock } from "../core/ports/clock.ts";
import { Validations } from "../core/method/validation.ts";

/** The parts of a context. */
export interface ContextParts {
  readonly method: Method;
  readonly operation: Operation;
  readonly signal: AbortSignal;
  /**
   * Called with each valid report, encoded. It must be fast, because a handler may report in a
   * tight loop.
   */
  readonly report: (metadata: Payload) => void;
  readonly validations?: Validations;
  /** For handlers of the service itself. @default not available */
  readonly surroundings?: Omit<AttemptDetails, "operation" | "method">;
}

/** A context, and its controls for the attempt. */
export interface AttemptContext {
  readonly context: Context;
  /**
   * Accepts no more reports; resolves when the last one has been validated.
   *
   * @throws the violation in a report, if the schema validates asynchronously and could not report
   * it to the handler
   */
  readonly close: () => Promise<void>;
}

/** Makes the context of a handler. Its members can be destructured: `({ signal, report }) => …`. */
export function createContext(parts: ContextParts): AttemptContext {
  const progress = new Progress(parts);
  return {
    context: Object.freeze({
      get signal() {
        return parts.signal;
      },
      name: formatName(parts.operation),
      attempt: parts.operation.attempt,
      // Decoded on access, because few handlers read it.
      get lastReport() {
        const { metadata } = parts.operation;
        return metadata === null ? null : parts.method.codec.value(metadata);
      },
      get caller() {
        return callerOf(parts.operation.caller);
      },
      report: (metadata: unknown) => progress.report(metadata),
      get [ATTEMPT_DETAILS](): AttemptDetails | undefined {
        const { method, operation, surroundings } = parts;
        return surroundings && { ...surroundings, method, operation };
      },
    }),
    close: () => progress.close(),
  };
}

/**
 * Validates and encodes reports. Each report is encoded at once, because the handler may change the
 * object afterwards.
 *
 * If the schema validates asynchronously, one validation runs at a time and only the newest further
 * value waits, so a tight loop of reports keeps at most two values.
 */
class Progress {
  readonly #method: Method;
  readonly #report: (metadata: Payload) => void;
  readonly #validations: Validations;
  #underWay: Promise<void> | undefined;
  #waiting: { readonly value: unknown } | undefined;
  #thrown: { readonly error: unknown } | undefined;
  #closed = false;

  constructor({ method, report, validations = new Validations(systemClock) }: ContextParts) {
    this.#method = method;
    this.#report = report;
    this.#validations = validations;
  }

  report(value: unknown): void {
    if (this.#closed) return;
    if (this.#underWay !== undefined) {
      this.#waiting = { value };
      return;
    }
    const { metadata } = this.#method;
    const result = metadata === undefined ? { value } : this.#validations.of(metadata, value);
    if (result instanceof Promise) this.#underWay = this.#later(result);
    else this.#report(encodedReport(this.#method, result));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#underWay;
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  async #later(first: Promise<SchemaResult<unknown>>): Promise<void> {
    try {
      let result: SchemaResult<unknown> = await first;
      for (;;) {
        this.#report(encodedReport(this.#method, result));
        const next = this.#waiting;
        if (next === undefined || this.#method.metadata === undefined) break;
        this.#waiting = undefined;
        result = await this.#validations.of(this.#method.metadata, next.value);
      }
    } catch (error) {
      this.#thrown ??= { error };
      this.#waiting = undefined;
    } finally {
      this.#underWay = undefined;
    }
  }
}
