import type { Change } from "../../core/ports/store.ts";
import { originOf, shardOf } from "../../core/operation/id.ts";
import type { State } from "../../core/operation/operation.ts";

/**
 * The messages that processes send each other by NOTIFY: hints, and as few as possible. Starts and
 * reports of progress are omitted, because no other process can use them; all other changes that a
 * caller or a worker may wait for are included.
 *
 * There are two topics, because each notice wakes all listeners of its topic: *work* for processes
 * that run operations, *ends* for processes whose callers wait for them. Removals are sent on both.
 * Pending work is announced to one process, its home, in a channel of its own, and an end to the
 * process that started the operation; if that process is unknown, to all listeners of the topic.
 *
 * A payload is JSON with short names: `s` the sender; `p` for each method with pending work, the
 * time from which it is available, and `w` the shards of the work; `l` the number of processes it
 * may still be passed on to, if it was passed on; `d` ids of finished or removed operations, each
 * after the first letter of its state, or `R` for removed; `c` ids of running operations whose
 * cancellation was requested; `h` that processes came or went.
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

/**
 * PostgreSQL accepts less than 8,000 bytes. The rest of a payload besides ids and methods, with at
 * most 64 shards, counts as this many bytes.
 */
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

/** The topic of a notice. */
export type Topic = "work" | "ends";

/** A notice. */
export interface Notice {
  readonly topic: Topic;
  /** The process that it is addressed to; absent if it is for all listeners of the topic. */
  readonly home?: string | undefined;
  /**
   * For ends: the origin of the operations, whose process listens. Absent if the notice is for all.
   */
  readonly origin?: number | undefined;
  readonly payload: string;
}

/**
 * Work that may be waiting: methods, each with the time from which work is available, and the
 * shards of the work.
 */
export interface Pending {
  readonly methods: Map<string, number>;
  readonly shards: Set<number>;
  /**
   * The number of processes it may still be passed on to; undefined before it is passed on for the
   * first time.
   */
  readonly left?: number;
}

/**
 * The recipient of a notice of pending work: a process, `EVERYBODY` if none is known, or `NOBODY`
 * if this process does the work itself.
 */
export type HomeOf = (method: string, shard: number) => string | typeof EVERYBODY | typeof NOBODY;
export const EVERYBODY = Symbol("everybody");
export const NOBODY = Symbol("nobody");

/** The recipients of notices. */
export interface Addresses {
  /** @default everybody */
  readonly homeOf?: HomeOf | undefined;
  /**
   * Whether a live process uses this origin in its ids and listens for their ends. @default false
   */
  readonly hasOrigin?: ((origin: number) => boolean) | undefined;
}

/** The notices that announce changes; none if nobody waits for any of them. */
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
      // Operations stored together are claimed together: the home of the first is notified for all.
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

/** The notices that announce pending work to one process, or to all. */
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

/** An id, and its place in a payload. */
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

/** Takes items from the front while they fit. */
function take<Item>(items: Item[], fits: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !fits(item));
  return items.splice(0, end === -1 ? items.length : end);
}

/** The content of a notice. */
export interface Heard {
  readonly sender: string;
  readonly changes: readonly Change[];
  /** Whether processes came or went. */
  readonly moved: boolean;
  /** The shards of pending work. */
  readonly shards: readonly number[];
  readonly left: number | undefined;
}

/**
 * The content of a payload; undefined for a foreign payload, or one of a version with another
 * format.
 */
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
    // The parent is left empty, because no listener needs it.
    ...Object.entries(p).map(([method, availableTime]) => hint("", "PENDING", { method, availableTime })),
    ...d.map((each) => hint(each.slice(1), STATES_OF[each.slice(0, 1)] ?? null)),
    ...c.map((id) => hint(id, "RUNNING", { cancelRequested: true })),
  ];
}

function hint(id: string, state: State | null, more: Partial<Change> = {}): Change {
  return { id, state, method: "", availableTime: 0, cancelRequested: false, ...more };
}
