import { plansSuite } from "./plans.suite.ts";
import * as statements from "./statements.ts";

plansSuite(statements, {
  FIND_BY_REQUEST: ["operations_request"],
  REPLACE: ["operations_pkey"],
  RENEW: ["operations_pkey"],
  REMOVE: ["operations_list"],
  EXPIRED: ["operations_expiry"],
  PURGE: ["operations_pkey"],
  READ: ["operations_pkey"],
  OVER: ["operations_pkey"],
  DUE: ["operations_state", "operations_deadline", "operations_pkey"],
  PLACES: ["operations_parallel", "operations_parallel"],
  HEADS: ["operations_parallel"],
  UNBLOCK: ["operations_pkey"],
});
