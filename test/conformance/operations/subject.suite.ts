import { test } from "node:test";
import type { Client } from "../../../src/client/index.ts";
import type { Method } from "../../../src/index.ts";
import { ManualClock } from "../../../src/testing/index.ts";

/**
 * What callers can do with operations, however they call: in process, over REST, over gRPC. One suite is run on each, and
 * what one cannot do is skipped by name.
 */

/** The calls of a caller. The client has them; others are made to have them. */
export type Caller = Pick<
  Client,
  "start" | "startMany" | "get" | "list" | "listPage" | "cancel" | "delete" | "wait" | "result" | "updates"
>;

/** What not everyone can do. */
export type Ability =
  /** Start by the name of a method, known or not. */
  | "names"
  /** Read the metadata that the service fills. */
  | "metadata"
  /** Watch an operation change. */
  | "updates"
  /** Ask for an order of a list. */
  | "order"
  /** Give a wait up, and be told so. */
  | "abort";

/** A service that is open for callers. */
export interface OpenService extends AsyncDisposable {
  readonly caller: Caller;
}

/** A way to call that the suite is run on. */
export interface Subject {
  readonly name: string;
  /** What it cannot do, and why. */
  readonly cannot: Partial<Readonly<Record<Ability, string>>>;
  /** Opens an empty service. @param clock the service's; callers have the machine's */
  open(methods: readonly Method[], clock?: ManualClock): Promise<OpenService>;
}

/** Declares a case of the suite. */
export type Case = (sentence: string, run: () => Promise<void>, needs?: Ability) => void;

/** Cases that are run on a subject, or skipped for what it cannot do. */
export function casesOf(subject: Subject): Case {
  return (sentence, run, needs) => {
    const skip = needs === undefined ? undefined : subject.cannot[needs];
    test(sentence, skip === undefined ? {} : { skip }, run);
  };
}

/** Runs a case on an empty service, and stops it. */
export async function onService(
  subject: Subject,
  methods: readonly Method[],
  run: (caller: Caller, clock: ManualClock) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  await using service = await subject.open(methods, clock);
  await run(service.caller, clock);
}
