import type { Change } from "../../core/ports/store.ts";
import type { State } from "../../core/operation/operation.ts";

/**
 * What processes tell each other by NOTIFY: hints, and as few as do. Nobody else can use that an operation began or
 * reported; whatever else a caller or a worker may wait for is here.
 *
 * There are two topics, since each notice wakes all who listen to its: *work* is for those who run operations, *ends* for those
 * who wait for them. What was removed is told in both.
 *
 * A payload is JSON of short names: `s` who sends; `p` for each method of which something is pending, since or from when;
 * `d` ids of what ended or was removed, each behind the first letter of its state, or `R` for removed; `c` ids of running
 * operations that were asked to cancel.
 */
interface Payload {
  readonly s: string;
  readonly p?: Readonly<Record<string, number>>;
  readonly d?: readonly string[];
  readonly c?: readonly string[];
}

/** PostgreSQL takes less than 8,000 bytes. What is in a payload besides ids is counted as this. */
const BYTES_MAX = 7_900;
const HEAD_BYTES = 64;
/** An id with its letter, quotes and comma. */
const ID_BYTES = 40;

const LETTERS: Readonly<Partial<Record<State, string>>> = { SUCCEEDED: "S", FAILED: "F", CANCELLED: "C" };
const STATES_OF: Readonly<Record<string, State | null>> = {
  S: "SUCCEEDED",
  F: "FAILED",
  C: "CANCELLED",
  R: null,
};

/** What a notice is about. */
export type Topic = "work" | "ends";

/** One notice. */
export interface Notice {
  readonly topic: Topic;
  readonly payload: string;
}

/** The notices that tell of changes; none where there is nothing that others wait for. */
export function noticesOf(sender: string, changes: readonly Change[]): readonly Notice[] {
  const pending = new Map<string, number>();
  const [forWork, forEnds]: [Told[], Told[]] = [[], []];
  for (const { id, method, state, availableTime, cancelRequested } of changes) {
    if (state === "PENDING") {
      pending.set(method, Math.min(pending.get(method) ?? Number.POSITIVE_INFINITY, availableTime));
    } else if (state !== "RUNNING") {
      const told: Told = ["d", (state === null ? "R" : (LETTERS[state] ?? "R")) + id];
      forEnds.push(told);
      if (state === null) forWork.push(told);
    } else if (cancelRequested) forWork.push(["c", id]);
  }
  const work = payloadsOf(sender, [...pending], forWork);
  const ends = payloadsOf(sender, [], forEnds);
  return [
    ...work.map((payload): Notice => ({ topic: "work", payload })),
    ...ends.map((payload): Notice => ({ topic: "ends", payload })),
  ];
}

/** An id, and where in a payload it stands. */
type Told = readonly [kind: "d" | "c", id: string];

function payloadsOf(sender: string, methods: (readonly [string, number])[], ids: Told[]): readonly string[] {
  const payloads: string[] = [];
  while (methods.length > 0 || ids.length > 0) {
    let room = BYTES_MAX - HEAD_BYTES;
    const p = take(methods, ([method]) => (room -= method.length + 24) >= 0);
    const some = take(ids, () => (room -= ID_BYTES) >= 0);
    const of = (kind: "d" | "c"): string[] => some.filter(([each]) => each === kind).map(([, id]) => id);
    const payload: Payload = { s: sender, p: Object.fromEntries(p), d: of("d"), c: of("c") };
    payloads.push(JSON.stringify(payload));
  }
  return payloads;
}

/** Takes from the front while it fits. */
function take<Item>(items: Item[], fits: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !fits(item));
  return items.splice(0, end === -1 ? items.length : end);
}

/** What a payload tells, and who sent it; undefined for what is none of ours, or of a version that says it otherwise. */
export function readPayload(
  text: string,
): { readonly sender: string; readonly changes: readonly Change[] } | undefined {
  try {
    const payload = JSON.parse(text) as Payload;
    return typeof payload.s === "string" ? { sender: payload.s, changes: changesOf(payload) } : undefined;
  } catch {
    return undefined;
  }
}

function changesOf({ p = {}, d = [], c = [] }: Payload): readonly Change[] {
  return [
    // Whose operation it is nobody needs to know.
    ...Object.entries(p).map(([method, availableTime]) => hint("", "PENDING", { method, availableTime })),
    ...d.map((each) => hint(each.slice(1), STATES_OF[each.slice(0, 1)] ?? null)),
    ...c.map((id) => hint(id, "RUNNING", { cancelRequested: true })),
  ];
}

function hint(id: string, state: State | null, more: Partial<Change> = {}): Change {
  return { id, state, method: "", availableTime: 0, cancelRequested: false, ...more };
}
