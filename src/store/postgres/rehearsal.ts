import type { Random } from "../../core/ports/random.ts";
import type { Database } from "./database.ts";
import { retrying } from "./retry.ts";
import * as statements from "./statements.ts";
import * as claims from "./statements-claim.ts";
import * as homes from "./statements-home.ts";
import { planned } from "./statements-session.ts";

/**
 * Has the database make the plan of every statement that serving needs, and carries out none. One that it can never carry
 * out is found out here, when the store is opened, and not by the first caller. Rights that are missing are found, too.
 */
export async function rehearseAll(database: Pick<Database, "transaction">, random: Random): Promise<void> {
  await retrying(random, () =>
    // All go out together, and the first that fails is the one that is told.
    database.transaction((query) =>
      Promise.all(
        rehearsed()
          .flatMap(planned)
          .map((text) => query(text)),
      ).then(() => undefined),
    ),
  );
}

/** What is a statement, and no part of one. */
export function rehearsed(): readonly string[] {
  return [statements, claims, homes]
    .flatMap((texts) => Object.values<unknown>({ ...texts }))
    .filter(
      (value): value is string =>
        typeof value === "string" && /^\s*(?:select|insert|update|delete|with)\s/.test(value),
    );
}
