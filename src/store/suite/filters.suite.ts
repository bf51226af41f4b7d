import fc from "fast-check";
import { formatName } from "../../core/operation/name.ts";
import { type Operation, STATES } from "../../core/operation/operation.ts";

const COMPARATOR = fc.constantFrom("=", "!=", "<", "<=", ">", ">=", ":");
const EQUALITY = fc.constantFrom("=", "!=", ":");

/** Filters about the given records: most match some of the records but not all. */
export function anyFilter(now: number, records: readonly Operation[]): fc.Arbitrary<string> {
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      anyRestriction(now, records),
      fc
        .tuple(tie("filter"), fc.constantFrom(" AND ", " OR ", " "), tie("filter"))
        .map(([left, join, right]) => `(${left}${join}${right})`),
      tie("filter").map((each) => `NOT (${each})`),
    ),
  }));
  return filter;
}

function anyRestriction(now: number, records: readonly Operation[]): fc.Arbitrary<string> {
  const time = fc.tuple(
    fc.constantFrom("createTime", "create_time", "scheduleTime", "startTime", "endTime", "expireTime"),
    COMPARATOR,
    fc.oneof(
      fc.integer({ min: -14, max: 8 }).map((offset) => new Date(now + offset).toISOString()),
      fc.constant(new Date(now).toISOString().replace(".000Z", ".0005Z")),
    ),
  );
  const state = fc.tuple(EQUALITY, fc.constantFrom(...STATES));
  const code = fc.tuple(EQUALITY, fc.constantFrom("ABORTED", "CANCELLED", "1", "10"));
  const attempt = fc.tuple(COMPARATOR, fc.constantFrom("0", "1", "2", "1.5"));
  const priority = fc.tuple(COMPARATOR, fc.constantFrom("0", "1", "5", "9"));
  const verb = fc.tuple(
    COMPARATOR,
    fc.constantFrom("createArchive", "deleteArchive", "create*", "*Archive", '"20s"'),
  );
  const target = fc.tuple(COMPARATOR, fc.constantFrom("directories/a", '""', "directories/*", "*"));
  const boolean = fc.tuple(EQUALITY, fc.constantFrom("true", "false"));
  const count = fc.tuple(COMPARATOR, fc.constantFrom("2", "9", '"10"', "x", "*"));
  const name = fc
    .tuple(
      COMPARATOR,
      fc.constantFrom(...records.slice(0, 20)),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
    )
    .map(([comparator, record, cut, isWhole]) => {
      const whole = formatName(record);
      return `name ${comparator} ${isWhole ? whole : `${whole.slice(0, -cut)}*`}`;
    });
  return fc.oneof(
    { weight: 3, arbitrary: state.map(([comparator, each]) => `metadata.state ${comparator} ${each}`) },
    { weight: 3, arbitrary: time.map(([field, comparator, at]) => `metadata.${field} ${comparator} ${at}`) },
    boolean.map(([comparator, each]) => `done ${comparator} ${each}`),
    boolean.map(([comparator, each]) => `metadata.requestedCancellation ${comparator} ${each}`),
    code.map(([comparator, each]) => `error.code ${comparator} ${each}`),
    attempt.map(([comparator, each]) => `metadata.attempt ${comparator} ${each}`),
    priority.map(([comparator, each]) => `metadata.priority ${comparator} ${each}`),
    verb.map(([comparator, each]) => `metadata.verb ${comparator} ${each}`),
    target.map(([comparator, each]) => `metadata.target ${comparator} ${each}`),
    count.map(([comparator, each]) => `metadata.count ${comparator} ${each}`),
    name,
    fc.constantFrom(
      "error:*",
      "response:*",
      "response.a = 1",
      "response:b",
      "done:*",
      "metadata.state:*",
      "metadata.target:*",
      "metadata.endTime:*",
      "metadata.attempt:*",
      "metadata.priority:*",
      "metadata.scheduleTime:*",
      "metadata.requestedCancellation:*",
      "error.message:work",
      "error.details:*",
      "metadata.a.b:x",
      "metadata.time > 2025-01-01T00:00:00Z",
      "directories",
      "RUNNING",
    ),
  );
}
