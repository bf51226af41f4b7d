import type { Operation } from "../operation/operation.ts";

/** The version of a record that was read. */
export type Seen = Pick<Operation, "id" | "revision">;
