import { plansSuite } from "./plans.suite.ts";
import * as statements from "./statements-claim.ts";

plansSuite(statements, {
  CLAIM: ["operations_claim", "operations_claim", "operations_pkey", "operations_claim"],
  CLAIMABLE: ["operations_claim", "operations_claim", "operations_claim"],
  CLAIM_CHOSEN: ["operations_pkey"],
});
