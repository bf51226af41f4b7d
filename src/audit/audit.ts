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

/** What an audit log is made with. */
export interface AuditLogParts {
  readonly output: AuditOutput;
  /** Whether reads that succeed are recorded too. */
  readonly reads: boolean;
  readonly onFailure: OnFailure;
  /** The name of the service. */
  readonly service: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
}

/**
 * Keeps a record of each write and each refusal, and by setting of each read, as lines of JSON. A call is answered when its
 * record has been given to the system.
 */
export class AuditLog implements Audit {
  readonly #parts: AuditLogParts;
  readonly #lines: Lines;
  /** Tells the records of this process from those of others. */
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

  /** Keeps a record of a request whose credentials are none. Never rejects: its sender is refused in any case. */
  async refused(asked: Pick<Sender, "rpc" | "url">, from: CallerSender, error: unknown): Promise<void> {
    // Where it could not be said who sent it, nobody was refused.
    if (!(error instanceof StatusError) || error.code === "UNAVAILABLE") return;
    const record = refusalRecord(asked, { from, error }, this.#facts());
    await this.#lines.add(lineOf(record)).catch(() => undefined);
  }

  /** Goes on in a new file of the same name. Where there cannot be one, it goes on in the old one, and tells. */
  async reopen(): Promise<void> {
    const { output, tell } = this.#parts;
    try {
      await output.reopen();
      tell["audit.reopened"]?.({});
    } catch (error) {
      tell["audit.not-reopened"]?.({ error });
    }
  }

  /** Writes what waits, and closes the output. */
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
    // Of the quota, or of a process that has no room.
    return error instanceof StatusError && error.code === "RESOURCE_EXHAUSTED";
  }
}

/** On one line for every reader: some end lines at U+2028 and U+0085 too, which names and programs of callers may have. */
function lineOf(record: object): string {
  return `${escapeJson(JSON.stringify(record))}\n`;
}
