import { type Call, type Life, livesOf, type Look } from "./history.ts";

/** The settings of a check. */
export interface CheckOptions {
  readonly complete: boolean;
  readonly goesOn?: { readonly from: number; readonly withinMs: number };
}

/** Reported findings; more of the same add nothing. */
const FINDINGS_MAX = 20;

/**
 * Checks the calls of a run against the promises of the service, whatever was broken meanwhile. An
 * operation is a register with a terminal state: it exists from its acknowledgement until somebody
 * deletes it, its state only moves forward, and its result never changes. A call *comes after*
 * another if it began after the other was answered; calls that overlap may take effect in either
 * order.
 *
 * @param options.complete whether the run went to its end, so that every operation must have been
 *   seen done
 * @param options.goesOn the instant from which nothing was broken, and the longest time that an
 *   operation of a limited method may take then
 * @returns the findings, as sentences; none if every promise was kept
 */
export function check(calls: readonly Call[], options: CheckOptions): readonly string[] {
  const lives = livesOf(calls);
  const findings: string[] = [];
  for (const life of lives.values()) {
    for (const rule of RULES) findings.push(...rule(life));
    if (options.complete) findings.push(...isFinished(life));
    if (options.goesOn !== undefined) findings.push(...queueGoesOn(life, options.goesOn));
  }
  findings.push(...startsAreOne(calls), ...resultsAreOne(lives), ...listsShowAll(calls, lives));
  const more = findings.length - FINDINGS_MAX;
  return more > 0 ? [...findings.slice(0, FINDINGS_MAX), `and ${more} more`] : findings;
}

type Rule = (life: Life) => readonly string[];

/**
 * Whether some caller requested the deletion before the read ended. A delete does not count for its
 * own answer.
 */
function mayBeDeleted(life: Life, look: { readonly began: number; readonly ended: number }): boolean {
  return life.deletes.some((call) => call.began < look.ended && call.began !== look.began);
}

const existsEverAfter: Rule = (life) =>
  life.looks
    .filter((look) => look.seen === null && look.began > life.knownAt && !mayBeDeleted(life, look))
    .map(
      (look) => `lost: ${life.name} was known ${since(life.knownAt, look)}, and ${look.verb} did not find it`,
    );

const staysDeleted: Rule = (life) => {
  const deletedAt = Math.min(
    ...life.deletes.filter(({ answer }) => answer.kind === "empty").map(({ ended }) => ended),
  );
  return life.looks
    .filter((look) => look.seen !== null && look.began > deletedAt)
    .map((look) => `back: ${life.name} was deleted ${since(deletedAt, look)}, and ${look.verb} found it`);
};

const resultNeverChanges: Rule = (life) => {
  const outcomes = [...new Set(life.looks.flatMap(({ seen }) => (seen?.done ? [seen.outcome ?? ""] : [])))];
  return outcomes.length > 1 ? [`changed: ${life.name} had the results ${outcomes.join(" and ")}`] : [];
};

const doneNeverGoesBack: Rule = (life) => {
  const doneAt = Math.min(...life.looks.filter(({ seen }) => seen?.done).map(({ ended }) => ended));
  return life.looks
    .filter((look) => look.seen?.done === false && look.began > doneAt)
    .map(
      (look) => `undone: ${life.name} was done ${since(doneAt, look)}, and ${look.verb} showed it unfinished`,
    );
};

const attemptNeverFalls: Rule = (life) => neverFalls(life, "attempt");
const revisionNeverFalls: Rule = (life) => neverFalls(life, "revision");

function neverFalls(life: Life, what: "attempt" | "revision"): readonly string[] {
  const looks = life.looks.flatMap((look) => {
    const value = look.seen?.[what];
    return value === undefined ? [] : [{ ...look, value }];
  });
  const byEnd = looks.toSorted((a, b) => a.ended - b.ended);
  const findings: string[] = [];
  let [next, highest] = [0, Number.NEGATIVE_INFINITY];
  for (const look of looks.toSorted((a, b) => a.began - b.began)) {
    for (let before = byEnd[next]; before !== undefined && before.ended < look.began; before = byEnd[++next])
      highest = Math.max(highest, before.value);
    if (look.value < highest)
      findings.push(`fallen: ${what} of ${life.name} was ${highest}, and ${look.verb} showed ${look.value}`);
  }
  return findings;
}

const endsAsAsked: Rule = (life) =>
  life.looks.flatMap(({ seen, ended }) => {
    if (!seen?.done) return [];
    if (seen.errorCode === 1 && life.cancels.some((call) => call.began < ended)) return [];
    if (seen.errorCode !== undefined) return [`failed: ${life.name} ended with ${seen.outcome}`];
    if (life.text === undefined || seen.text === life.text) return [];
    return [`mixed up: ${life.name} was asked for ${life.text} and answered ${seen.outcome}`];
  });

const RULES: readonly Rule[] = [
  existsEverAfter,
  staysDeleted,
  resultNeverChanges,
  doneNeverGoesBack,
  attemptNeverFalls,
  revisionNeverFalls,
  endsAsAsked,
];

const isFinished: Rule = (life) =>
  life.deletes.length > 0 ||
  life.knownAt === Number.POSITIVE_INFINITY ||
  life.looks.some(({ seen }) => seen?.done)
    ? []
    : [`unfinished: ${life.name} was never seen done`];

/**
 * No queue stands still: an operation that waits for a place is done in time, unless a caller
 * deletes it.
 */
function queueGoesOn(life: Life, { from, withinMs }: { readonly from: number; readonly withinMs: number }) {
  if (life.key === undefined || life.deletes.length > 0) return [];
  const doneAt = Math.min(...life.looks.filter(({ seen }) => seen?.done).map(({ ended }) => ended));
  const ms = doneAt - Math.max(life.knownAt, from);
  const long = doneAt === Number.POSITIVE_INFINITY ? "to the end" : `for ${ms.toFixed(0)} ms`;
  return ms > withinMs ? [`stands still: ${life.name} of ${life.key} was unfinished ${long}`] : [];
}

/** All starts with one request id are one operation. */
function startsAreOne(calls: readonly Call[]): readonly string[] {
  const names = new Map<string, string>();
  return calls.flatMap(({ verb, text, answer }) => {
    if (verb !== "start" || text === undefined || answer.kind !== "operation") return [];
    const { name } = answer.operation;
    const before = names.get(text) ?? name;
    names.set(text, before);
    return before === name ? [] : [`started twice: request id ${text} gave ${before} and ${name}`];
  });
}

/**
 * Two operations must not have the result of one start either, even if nobody saw the
 * acknowledgement of one of them.
 */
function resultsAreOne(lives: ReadonlyMap<string, Life>): readonly string[] {
  const names = new Map<string, string>();
  return [...lives.values()].flatMap(({ name, looks }) => {
    const text = looks.find(({ seen }) => seen?.text !== undefined)?.seen?.text;
    if (text === undefined) return [];
    const before = names.get(text);
    names.set(text, name);
    return before === undefined ? [] : [`started twice: ${before} and ${name} both did ${text}`];
  });
}

/** A list that began after a caller saw an operation contains the operation. */
function listsShowAll(calls: readonly Call[], lives: ReadonlyMap<string, Life>): readonly string[] {
  const byParent = Map.groupBy(lives.values(), ({ parent }) => parent);
  return calls.flatMap((call) => {
    const { answer, subject } = call;
    if (answer.kind !== "list") return [];
    const shown = new Set(answer.operations.map(({ name }) => name));
    return (byParent.get(subject) ?? [])
      .filter(({ name, knownAt }) => knownAt < call.began && !shown.has(name))
      .filter((life) => !mayBeDeleted(life, call))
      .map((life) => `unlisted: ${life.name} was known ${since(life.knownAt, call)}, and a list had it not`);
  });
}

function since(instant: number, look: Pick<Look, "began">): string {
  return `for ${(look.began - instant).toFixed(1)} ms`;
}
