import { describe } from "node:test";
import { IS_LONG } from "../../test/support/long.ts";
import { alongSuite } from "./suite/along.suite.ts";
import { batchSuite } from "./suite/batch.suite.ts";
import { boundarySuite } from "./suite/boundary.suite.ts";
import { claimSuite } from "./suite/claim.suite.ts";
import { claimWithinSuite } from "./suite/claim-within.suite.ts";
import { clockSuite } from "./suite/clock.suite.ts";
import { countsSuite } from "./suite/counts.suite.ts";
import { insertSuite } from "./suite/insert.suite.ts";
import { keeperSuite } from "./suite/keeper.suite.ts";
import { lifecycleSuite } from "./suite/lifecycle.suite.ts";
import { listSuite } from "./suite/list.suite.ts";
import { parallelSuite } from "./suite/parallel.suite.ts";
import { readSuite } from "./suite/read.suite.ts";
import { removeSuite } from "./suite/remove.suite.ts";
import { renewSuite } from "./suite/renew.suite.ts";
import { replaceSuite } from "./suite/replace.suite.ts";
import { resourceSuite } from "./suite/resource.suite.ts";
import { statisticsSuite } from "./suite/statistics.suite.ts";
import { rowsSuite } from "./suite/rows.suite.ts";
import type { StoreSubject } from "./suite/subject.suite.ts";
import { textSuite } from "./suite/text.suite.ts";
import { watchSuite } from "./suite/watch.suite.ts";

export type { StoreSubject } from "./suite/subject.suite.ts";

/**
 * The behaviour of every implementation of the port, sentence by sentence as in
 * `core/ports/store.ts`.
 */
export function storeSuite(subject: StoreSubject): void {
  describe(subject.name, () => {
    insertSuite(subject);
    replaceSuite(subject);
    renewSuite(subject);
    claimSuite(subject);
    removeSuite(subject);
    readSuite(subject);
    watchSuite(subject);
    keeperSuite(subject);
    clockSuite(subject);
    batchSuite(subject);
    lifecycleSuite(subject);
    if (subject.hasTwin === true && !IS_LONG) return;
    claimWithinSuite(subject);
    parallelSuite(subject);
    alongSuite(subject);
    listSuite(subject);
    boundarySuite(subject);
    textSuite(subject);
    rowsSuite(subject);
    statisticsSuite(subject);
    countsSuite(subject);
    resourceSuite(subject);
  });
}
