import { serviceError } from "../error/error.ts";

/**
 * The order of a list. Operations of the same instant are ordered by their ids, in the same
 * direction.
 *
 * With `endTime`, unfinished operations come after all others, and first in descending order.
 *
 * @see AIP-132
 */
export interface ListOrder {
  readonly by: "createTime" | "endTime";
  readonly descending: boolean;
}

/** Newest first. */
export const DEFAULT_ORDER: ListOrder = { by: "createTime", descending: true };

const FIELDS: ReadonlyMap<string, ListOrder["by"]> = new Map([
  ["createTime", "createTime"],
  ["create_time", "createTime"],
  ["endTime", "endTime"],
  ["end_time", "endTime"],
]);

/**
 * Parses `order_by`: one field, optionally with ` desc`; white space does not matter.
 *
 * @throws {StatusError} INVALID_ARGUMENT ORDER_BY_INVALID
 */
export function listOrderOf(text: string | undefined): ListOrder {
  const words = (text ?? "").trim().split(/\s+/);
  if (words.length === 1 && words[0] === "") return DEFAULT_ORDER;
  const [field = "", direction] = words;
  const by = FIELDS.get(field);
  if (by === undefined) throw refusal(text, "createTime or endTime");
  if (words.length > 2 || (direction !== undefined && direction !== "desc")) {
    throw refusal(text, `one field, with "desc" after it or nothing`);
  }
  return { by, descending: direction === "desc" };
}

/** The position of an operation in a list, after which the list continues. */
export interface ListPosition {
  readonly id: string;
  /** Null while unfinished. */
  readonly endTime: number | null;
}

/** The position of an operation. */
export function positionOf({ id, endTime }: ListPosition): ListPosition {
  return { id, endTime };
}

function refusal(text: string | undefined, expected: string): Error {
  const shown = (text ?? "").slice(0, 200).toWellFormed();
  return serviceError(
    "ORDER_BY_INVALID",
    `Invalid order: expected ${expected}, got ${JSON.stringify(shown)}.`,
    { metadata: { orderBy: shown, expected } },
  );
}
