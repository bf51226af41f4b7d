import type { Operation } from "../operation/operation.ts";

/** What was seen of a record. */
export type Seen = Pick<Operation, "id" | "revision">;
