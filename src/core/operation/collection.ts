import { serviceError } from "../error/error.ts";
import { checkParent } from "./name.ts";

/** The segment of a parent that matches any segment. @see AIP-159 */
export const WILDCARD = "-";

/**
 * The scope of a list: one collection, or all collections whose parents match a pattern.
 *
 * `-` in place of a segment matches any one segment, as in `projects/p/locations/-`. The parent `-`
 * alone matches every parent, including the empty one.
 *
 * @see AIP-159; contract section 1.3
 */
export interface Collection {
  /** The requested parent, in Unicode normal form C. */
  readonly parent: string;
  /** Whether the pattern can match more than one collection. */
  readonly isWide: boolean;
  /**
   * With several collections: only parents that are equal to, or below, one of these. @default all
   */
  readonly within?: readonly string[] | undefined;
}

/** Reads the parent of a list. @throws {StatusError} INVALID_ARGUMENT NAME_INVALID */
export function collectionOf(parent: string): Collection {
  const checked = checkParent(parent);
  return { parent: checked, isWide: hasWildcard(checked) };
}

/**
 * Checks the parent of something new, which cannot be a wildcard.
 *
 * @returns the parent in Unicode normal form C
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID
 */
export function checkOneParent(parent: string): string {
  const checked = checkParent(parent);
  if (!hasWildcard(checked)) return checked;
  const shown = checked.slice(0, 200);
  throw serviceError(
    "NAME_INVALID",
    `Invalid parent ${JSON.stringify(shown)}: "${WILDCARD}" stands for every parent in a list, and nothing can be started there.`,
    { metadata: { parent: shown } },
  );
}

/** Restricts several collections to some parents. A single collection is returned unchanged. */
export function narrowedTo(collection: Collection, within: readonly string[] | undefined): Collection {
  return collection.isWide && within !== undefined ? { ...collection, within } : collection;
}

/** Whether a parent is equal to, or below, another parent. Everything is below the empty parent. */
function isAtOrBelow(parent: string, other: string): boolean {
  return other === "" || parent === other || parent.startsWith(`${other}/`);
}

/** Whether operations of the parent belong to the collection. */
export function includesParent(collection: Collection, parent: string): boolean {
  if (!collection.isWide) return collection.parent === parent;
  const { within } = collection;
  if (within !== undefined && !within.some((each) => isAtOrBelow(parent, each))) return false;
  if (collection.parent === WILDCARD) return true;
  const wanted = collection.parent.split("/");
  const segments = parent.split("/");
  return (
    wanted.length === segments.length &&
    wanted.every((each, index) => each === WILDCARD || each === segments[index])
  );
}

function hasWildcard(parent: string): boolean {
  return parent.split("/").includes(WILDCARD);
}
