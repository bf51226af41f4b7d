import * as statements from "./statements-counts.ts";
import { plansSuite } from "./plans.suite.ts";

plansSuite(statements, {
  LIVE_COUNTS: [
    "operations_claim",
    "operations_claim",
    "operations_blocked",
    "operations_blocked",
    "operations_claim",
    "operations_claim",
    "operations_claim",
    "operations_blocked",
    "operations_runs",
  ],
  UNFINISHED: ["operations_pending", "operations_pending", "operations_runs", "operations_runs"],
  KEYS: ["operations_blocked", "operations_parallel"],
});
