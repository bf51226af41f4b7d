import { plansSuite } from "./plans.suite.ts";
import * as statements from "./statements-claim.ts";

/** To the first method of which anything is pending, and from each to the next. */
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
