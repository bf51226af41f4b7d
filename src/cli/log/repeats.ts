import type { Clock, Timer } from "../../core/ports/clock.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { LIMITS } from "../../core/limits.ts";
import type { LogFields } from "../../core/ports/log.ts";

/** Writes one message. */
export type Write = (message: string, fields: LogFields) => void;

interface Kind {
  /** The number of repetitions that were not reported yet. */
  count: number;
  /** Writes the latest one. */
  tell: (count: number) => void;
  timer: Timer | undefined;
}

/**
 * Writes the first message of a kind at once, and later ones only as a count: one line per
 * `LIMITS.logRepeatMs`, with the fields of the latest.
 *
 * A kind is a message, its method, and the first line of its error. A message with a request id is
 * always written, because a caller was told to look for that id; its stack is left out if an
 * earlier line has the same.
 */
export class Repeats {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param level the level of the message, which is part of the kind */
  write(level: string, message: string, { fields, write }: { fields: LogFields; write: Write }): void {
    const key = [level, message, fields["method"], summary(fields["error"] ?? fields["exception"])].join("|");
    const kind = this.#kinds.get(key);
    if (kind === undefined) {
      this.#watch(key);
      write(message, fields);
      return;
    }
    const short = withoutStacks(fields);
    if (fields["requestId"] !== undefined) {
      write(message, short);
      return;
    }
    kind.count++;
    const during = formatDuration(LIMITS.logRepeatMs);
    kind.tell = (count) => write(message, { ...short, repeated: count, during });
  }

  /** Writes the counts so far. */
  flush(): void {
    for (const [key, kind] of this.#kinds) {
      kind.timer?.cancel();
      this.#kinds.delete(key);
      if (kind.count > 0) kind.tell(kind.count);
    }
  }

  #watch(key: string): void {
    if (this.#kinds.size >= LIMITS.logKindsMax) this.flush();
    const kind: Kind = { count: 0, tell: () => {}, timer: undefined };
    this.#kinds.set(key, kind);
    this.#arm(key, kind);
  }

  #arm(key: string, kind: Kind): void {
    kind.timer = this.#clock.after(LIMITS.logRepeatMs, () => {
      if (kind.count === 0) {
        this.#kinds.delete(key);
        return;
      }
      kind.tell(kind.count);
      kind.count = 0;
      this.#arm(key, kind);
    });
  }
}

/** The first line of an error or a text. */
function summary(value: unknown): unknown {
  const text = value instanceof Error ? `${value.name}: ${value.message}` : value;
  return typeof text === "string" ? text.split("\n", 1)[0] : undefined;
}

function withoutStacks(fields: LogFields): LogFields {
  const short = { ...fields };
  for (const key of ["error", "exception"]) if (key in short) short[key] = summary(short[key]);
  return short;
}
