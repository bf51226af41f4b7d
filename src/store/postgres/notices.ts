import type { Change } from "../../core/ports/store.ts";
import { originOf, shardOf } from "../../core/operation/id.ts";
import type { State } from "../../core/operation/operation.ts";

/**
 * What processes tell each other by NOTIFY: hints, and as few as do. Nobody else can use that an operation began or
 * reported; whatever else a caller or a worker may wait for is here.
 *
 * There are two topics, since each notice wakes all who listen to its: *work* is for those who run operations, *ends* for those
 * who wait for them. What was removed is told in both. That something is pending is told to one process, its home, in a channel
 * of its own, and an end to the process in which the operation was begun; to all of the topic where none is known.
 *
 * A payload is JSON of short names: `s` who sends; `p` for each method of which something is pending, since or from when, and `w`
 * the shards where; `l` how many processes it may still be handed on to, where it was handed on;
 * `d` ids of what ended or was removed, each behind the first letter of its state, or `R` for removed; `c` ids of running
 * operations that were asked to cancel; `h` that processes came or went.
 */
interface Payload {
  readonly s: string;
  readonly p?: Readonly<Record<string, number>>;
  readonly w?: readonly number[];
  readonly l?: number;
  readonly d?: readonly string[];
  readonly c?: readonly string[];
  readonly h?: 1;
}

/** PostgreSQL takes less than 8,000 bytes. What is in a payload besides ids and methods, 64 shards at most, is counted as this. */
const BYTES_MAX = 7_900;
const HEAD_BYTES = 280;
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
  /** The process that it is for; absent where it is for all who listen to the topic. */
  readonly home?: string | undefined;
  /** Of ends: who hears of what was begun there. Absent where it is for all. */
  readonly origin?: number | undefined;
  readonly payload: string;
}

/** Work that may be waiting: methods, each since or from when, and the shards where. */
export interface Pending {
  readonly methods: Map<string, number>;
  readonly shards: Set<number>;
  /** How many processes it may still be handed on to; undefined before it was handed on at all. */
  readonly left?: number;
}

/**
 * Whom a notice of pending work is for: a process, `everybody` where none is known, or `nobody` where this process does the work
 * itself.
 */
export type HomeOf = (method: string, shard: number) => string | typeof EVERYBODY | typeof NOBODY;
export const EVERYBODY = Symbol("everybody");
export const NOBODY = Symbol("nobody");

/** Who hears of what. */
export interface Addresses {
  /** @default everybody */
  readonly homeOf?: HomeOf | undefined;
  /** Whether a process puts this origin into its ids, and hears of its ends. @default none does */
  readonly hasOrigin?: ((origin: number) => boolean) | undefined;
}

/** The notices that tell of changes; none where there is nothing that others wait for. */
export function noticesOf(
  sender: string,
  changes: readonly Change[],
  { homeOf = () => EVERYBODY, hasOrigin = () => false }: Addresses = {},
): readonly Notice[] {
  const pending = new Map<ReturnType<HomeOf>, Pending>();
  const forWork: Told[] = [];
  const forEnds = new Map<number | undefined, Told[]>();
  let first: number | undefined;
  for (const { id, method, state, availableTime, cancelRequested } of changes) {
    if (state === "PENDING") {
      const shard = shardOf(id);
      // What was stored together is claimed together: the home of the first is woken for all.
      first ??= shard;
      add(pending, homeOf(method, first), { method, availableTime, shard });
    } else if (state !== "RUNNING") {
      const told: Told = ["d", (state === null ? "R" : (LETTERS[state] ?? "R")) + id];
      const origin = originOf(id);
      addTo(forEnds, hasOrigin(origin) ? origin : undefined, told);
      if (state === null) forWork.push(told);
    } else if (cancelRequested) forWork.push(["c", id]);
  }
  const notices: Notice[] = [];
  for (const [home, work] of pending)
    if (home !== NOBODY) notices.push(...noticesOfWork(sender, work, home === EVERYBODY ? undefined : home));
  for (const payload of payloadsOf({ s: sender }, [], forWork)) notices.push({ topic: "work", payload });
  for (const [origin, ids] of forEnds)
    for (const payload of payloadsOf({ s: sender }, [], ids))
      notices.push({ topic: "ends", origin, payload });
  return notices;
}

/** The notices that tell a process, or all, of pending work. */
export function noticesOfWork(sender: string, work: Pending, home?: string): readonly Notice[] {
  const { methods, shards, left } = work;
  const head = { s: sender, w: [...shards], ...(left === undefined ? {} : { l: left }) };
  return payloadsOf(head, [...methods], []).map((payload) => ({ topic: "work", home, payload }));
}

/** The notices that processes came or went. */
export function noticesOfHomes(sender: string): readonly Notice[] {
  const payload = JSON.stringify({ s: sender, h: 1 } satisfies Payload);
  return [
    { topic: "work", payload },
    { topic: "ends", payload },
  ];
}

function addTo<Key>(lists: Map<Key, Told[]>, key: Key, told: Told): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [told]);
  else list.push(told);
}

function add(
  pending: Map<ReturnType<HomeOf>, Pending>,
  home: ReturnType<HomeOf>,
  work: { readonly method: string; readonly availableTime: number; readonly shard: number },
): void {
  const { method, availableTime, shard } = work;
  let known = pending.get(home);
  if (known === undefined) pending.set(home, (known = { methods: new Map(), shards: new Set() }));
  known.methods.set(method, Math.min(known.methods.get(method) ?? Number.POSITIVE_INFINITY, availableTime));
  known.shards.add(shard);
}

/** An id, and where in a payload it stands. */
type Told = readonly [kind: "d" | "c", id: string];

function payloadsOf(
  head: Pick<Payload, "s" | "w" | "l">,
  methods: (readonly [string, number])[],
  ids: Told[],
): readonly string[] {
  const payloads: string[] = [];
  while (methods.length > 0 || ids.length > 0) {
    let room = BYTES_MAX - HEAD_BYTES;
    const p = take(methods, ([method]) => (room -= method.length + 24) >= 0);
    const some = take(ids, () => (room -= ID_BYTES) >= 0);
    const of = (kind: "d" | "c"): string[] => some.filter(([each]) => each === kind).map(([, id]) => id);
    const payload: Payload = { ...head, p: Object.fromEntries(p), d: of("d"), c: of("c") };
    payloads.push(JSON.stringify(payload));
  }
  return payloads;
}

/** Takes from the front while it fits. */
function take<Item>(items: Item[], fits: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !fits(item));
  return items.splice(0, end === -1 ? items.length : end);
}

/** What a notice told. */
export interface Heard {
  readonly sender: string;
  readonly changes: readonly Change[];
  /** Whether processes came or went. */
  readonly moved: boolean;
  /** Of what is pending. */
  readonly shards: readonly number[];
  readonly left: number | undefined;
}

/** What a payload tells; undefined for what is none of ours, or of a version that says it otherwise. */
export function readPayload(text: string): Heard | undefined {
  try {
    const payload = JSON.parse(text) as Payload;
    if (typeof payload.s !== "string") return undefined;
    const { s: sender, w: shards = [], l: left, h } = payload;
    return { sender, changes: changesOf(payload), moved: h === 1, shards, left };
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
