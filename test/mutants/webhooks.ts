import type { Mutant } from "./mutant.ts";

/** Faults of deliveries of events, and of what they are built on. */
export const WEBHOOKS: readonly Mutant[] = [
  {
    id: "along-with-a-removal-of-an-earlier-try",
    file: "src/store/postgres/place-commands.ts",
    find: "if (removed.changes.length > 0) made.push(removal);",
    replace: "made.push(removal);",
    fault: "What is stored along with a removal is stored although nothing was removed.",
  },
  {
    id: "along-with-an-end-lost",
    file: "src/store/postgres/place-commands.ts",
    find: "if (answered?.isNew === true) made.push(command);",
    replace: "",
    fault: "What is to be stored along with an end is not, on PostgreSQL.",
  },
  {
    id: "along-untold",
    file: "src/store/postgres/place-commands.ts",
    find: "  return made.flatMap(({ command }) => alongOf(command)).map(changeOf);",
    replace: "  return [];",
    fault: "No worker hears of what was stored along with an end.",
  },
  {
    id: "listed-delay-of-the-next-attempt",
    file: "src/core/method/retry.ts",
    find: "delaysMs[failedAttempts - 1]",
    replace: "delaysMs[failedAttempts]",
    fault: "The first listed delay is left out.",
  },
  {
    id: "retry-info-shortens",
    file: "src/worker/failure.ts",
    find: "Math.max(retryTime(facts), askedTime)",
    replace: "Math.min(retryTime(facts), askedTime)",
    fault: "A RetryInfo makes the next attempt come earlier instead of later.",
  },
];
