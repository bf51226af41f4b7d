import { test } from "node:test";
import type { Client } from "../../../src/client/index.ts";
import type { Method } from "../../../src/index.ts";
import { ManualClock } from "../../../src/testing/index.ts";

/**
 * The abilities of callers, on every way to call: in process, over REST, over gRPC. One suite runs
 * on each way, and abilities that a way lacks are skipped by name.
 */

/** The calls of a caller. The client has these; other ways to call are adapted to them. */
export type Caller = Pick<
  Client,
  "start" | "startMany" | "get" | "list" | "listPage" | "cancel" | "delete" | "wait" | "result" | "updates"
>;

/** Abilities that some ways lack. */
export type Ability =
  /** Starting by the name of a method, known or not. */
  | "names"
  /** Reading the metadata that the service fills. */
  | "metadata"
  /** Watch an operation change. */
  | "updates"
  /** Requesting an order of a list. */
  | "order"
  /** Aborting a wait, and getting the reason. */
  | "abort";

/** A service that callers can use. */
export interface OpenService extends AsyncDisposable {
  readonly caller: Caller;
}

/** A way to call, on which the suite runs. */
export interface Subject {
  readonly name: string;
  /** The missing abilities, with reasons. */
  readonly cannot: Partial<Readonly<Record<Ability, string>>>;
  /** Opens an empty service. @param clock the service's clock; callers use the machine's */
  open(methods: readonly Method[], clock?: ManualClock): Promise<OpenService>;
}

/** Declares a case of the suite. */
export type Case = (sentence: string, run: () => Promise<void>, needs?: Ability) => void;

/** Cases that run on a subject, or are skipped because of a missing ability. */
export function casesOf(subject: Subject): Case {
  return (sentence, run, needs) => {
    const skip = needs === undefined ? undefined : subject.cannot[needs];
    test(sentence, skip === undefined ? {} : { skip }, run);
  };
}

/** Runs a case on an empty service, and stops the service. */
export async function onService(
  subject: Subject,
  methods: readonly Method[],
  run: (caller: Caller, clock: ManualClock) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  await using service = await subject.open(methods, clock);
  await run(service.caller, clock);
}
