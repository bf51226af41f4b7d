import type { Tell } from "../core/events.ts";
import { StatusError } from "../core/error/error.ts";
import type { CallerSender } from "../core/caller.ts";
import { isRead } from "../core/permission.ts";
import type { Sender } from "../core/ports/authenticate.ts";
import type { Clock } from "../core/ports/clock.ts";
import { escapeJson } from "../core/value/escape-json.ts";
import type { Random } from "../core/ports/random.ts";
import type { Audit, CallEnd } from "../core/ports/audit.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { AuditOutput } from "./output.ts";
import { Lines, type OnFailure } from "./lines.ts";
import { auditRecord, isDenied, type RecordFacts, refusalRecord } from "./record.ts";

/** The parts of an audit log. */
export interface AuditLogParts {
  readonly output: AuditOutput;
  /** Whether successful reads are recorded too. */
  readonly reads: boolean;
  readonly onFailure: OnFailure;
  /** The name of the service. */
  readonly service: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
}

/**
 * Records each write and each refusal, and with a setting each read, as lines of JSON. A call is
 * answered after its record was handed to the operating system.
 */
export class AuditLog implements Audit {
  readonly #parts: AuditLogParts;
  readonly #lines: Lines;
  /** Distinguishes this process's records from those of others. */
  readonly #process: string;
  #count = 0;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
    this.#lines = new Lines(parts);
    this.#process = Buffer.from(parts.random.bytes(9)).toString("base64url");
  }

  admit({ permission }: Call): boolean {
    if (isRead(permission) && !this.#parts.reads) return false;
    this.#lines.check();
    return true;
  }

  record(call: Call, end: CallEnd): Promise<void> | undefined {
    if (!this.#keeps(call, end)) return undefined;
    const record = auditRecord(call, end, this.#facts());
    return this.#lines.add(lineOf(record));
  }

  /**
   * Records a request with invalid credentials. Never rejects, because its sender gets an error in
   * any case.
   */
  async refused(asked: Pick<Sender, "rpc" | "url">, from: CallerSender, error: unknown): Promise<void> {
    // If the credentials could not be checked, nobody was refused.
    if (!(error instanceof StatusError) || error.code === "UNAVAILABLE") return;
    const record = refusalRecord(asked, { from, error }, this.#facts());
    await this.#lines.add(lineOf(record)).catch(() => undefined);
  }

  /**
   * Continues in a new file of the same name. If the file cannot be created, it continues in the
   * old one, and reports the problem.
   */
  async reopen(): Promise<void> {
    const { output, tell } = this.#parts;
    try {
      await output.reopen();
      tell["audit.reopened"]?.({});
    } catch (error) {
      tell["audit.not-reopened"]?.({ error });
    }
  }

  /** Writes the waiting lines, and closes the output. */
  async stop(): Promise<void> {
    await this.#lines.end();
    await this.#parts.output.close();
  }

  #facts(): RecordFacts {
    const { service, clock } = this.#parts;
    const insertId = `${this.#process}-${(this.#count++).toString(36)}`;
    return { service, time: clock.now(), insertId };
  }

  #keeps({ permission }: Call, { error }: CallEnd): boolean {
    if (error instanceof StatusError && error.reason === "AUDIT_UNAVAILABLE") return false;
    if (!isRead(permission) || this.#parts.reads || isDenied(error)) return true;
    // For an exhausted quota, or an overloaded process.
    return error instanceof StatusError && error.code === "RESOURCE_EXHAUSTED";
  }
}

/**
 * A single line for every reader: some readers also end lines at U+2028 and U+0085, which names and
 * user agents of callers may contain.
 */
function lineOf(record: object): string {
  return `${escapeJson(JSON.stringify(record))}\n`;
}
