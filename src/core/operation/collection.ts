import { serviceError } from "../error/error.ts";
import { checkParent } from "./name.ts";

/** The segment of a parent that stands for any. @see AIP-159 */
export const WILDCARD = "-";

/**
 * What a list goes through: one collection, or all whose parents fit a pattern.
 *
 * `-` in the place of a segment stands for any one segment, as in `projects/p/locations/-`; a parent that is `-` and
 * nothing else stands for every parent, none included.
 *
 * @see AIP-159; contract section 1.3
 */
export interface Collection {
  /** As it was asked for, in Unicode normal form C. */
  readonly parent: string;
  /** Whether it is more than one. */
  readonly isWide: boolean;
  /** Of what is more than one only parents that are one of these, or below one. @default all */
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

/** What is left of a collection below some parents. One alone stays as it is: it is below one of them or it is not. */
export function narrowedTo(collection: Collection, within: readonly string[] | undefined): Collection {
  return collection.isWide && within !== undefined ? { ...collection, within } : collection;
}

/** Whether a parent is another one, or below it. Everything is below the empty one. */
function isAtOrBelow(parent: string, other: string): boolean {
  return other === "" || parent === other || parent.startsWith(`${other}/`);
}

/** Whether operations of the parent belong to what is listed. */
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
