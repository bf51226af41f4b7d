import { plansSuite } from "./plans.suite.ts";
import * as statements from "./statements-claim.ts";

/** The step to the first method with pending operations, and the steps from each to the next. */
const WALK = ["operations_claim", "operations_claim"];

plansSuite(statements, {
  CLAIM: [...WALK, "operations_claim", "operations_claim", "operations_pkey", "operations_claim"],
  CLAIM_WITHIN: [
    "operations_pending",
    "operations_pending",
    "operations_pkey",
    "operations_pkey",
    "operations_pending",
    "operations_pending",
  ],
  CLAIM_IN_TURNS: [
    ...WALK,
    "operations_claim",
    "operations_claim",
    "operations_tenants",
    "operations_tenants",
    "operations_tenants",
    "operations_pkey",
    "operations_claim",
  ],
});
