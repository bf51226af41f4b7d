import { isDeepStrictEqual } from "node:util";
import type { Template, TemplateSegment } from "../../../protos/http-rule/template.ts";

/** The entries at a place of the table, by HTTP method. */
type ByMethod<T> = Map<string, Entry<T>>;

/** A value and its template. */
interface Entry<T> {
  readonly template: Template;
  readonly value: T;
}

/** The result of a lookup. */
export interface PathMatch<T> {
  readonly value: T;
  /** The values of the template's variables, not decoded, in their order. */
  readonly values: readonly string[];
}

/**
 * Path templates and their values.
 *
 * A path is looked up segment by segment: a literal precedes `*`, and `*` precedes `**`, from the
 * left; a verb precedes no verb. So the order in which templates were added does not matter. A
 * lookup visits each place of the table at most once, so its cost depends only on the number of
 * segments.
 */
export class PathTable<T> {
  readonly #root = new Place<T>();

  /**
   * @param httpMethod in upper case; `*` for all methods that are not declared
   * @returns the existing entry, if there is one: then nothing is added
   */
  add(httpMethod: string, template: Template, value: T): Entry<T> | undefined {
    const place = template.segments.reduce((at, segment) => at.next(segment), this.#root);
    const byMethod = place.byMethodOf(template.verb);
    const before = byMethod.get(httpMethod);
    if (before === undefined) byMethod.set(httpMethod, { template, value });
    return before;
  }

  /**
   * The match for a method and a path that is not decoded; entries for any method come after those
   * for this method.
   */
  find(httpMethod: string, path: string): PathMatch<T> | undefined {
    for (const { segments, byMethods } of this.#candidates(path)) {
      const entry = byMethods.get(httpMethod) ?? byMethods.get("*");
      if (entry !== undefined) return { value: entry.value, values: valuesOf(entry.template, segments) };
    }
    return undefined;
  }

  /** The declared methods of a path that is not decoded, in alphabetical order. */
  methodsAt(path: string): readonly string[] {
    const found = Array.from(this.#candidates(path), ({ byMethods }) => [...byMethods.keys()]);
    return [...new Set(found.flat())].toSorted();
  }

  /**
   * All matching places of a path, the best one first, with the path's segments as they were read.
   */
  *#candidates(path: string): Generator<{ segments: readonly string[]; byMethods: ByMethod<T> }> {
    if (!path.startsWith("/")) return;
    const segments = path.slice(1).split("/");
    const last = segments.at(-1) ?? "";
    const colon = last.lastIndexOf(":");
    if (colon !== -1) {
      const verb = decoded(last.slice(colon + 1));
      const withoutVerb = [...segments.slice(0, -1), last.slice(0, colon)];
      if (verb !== "") yield* this.#at(withoutVerb, verb);
    }
    yield* this.#at(segments, "");
  }

  *#at(
    segments: readonly string[],
    verb: string,
  ): Generator<{ segments: readonly string[]; byMethods: ByMethod<T> }> {
    const literals = segments.map(decoded);
    for (const place of this.#root.walk(literals, 0)) {
      const byMethods = place.byVerb.get(verb);
      if (byMethods !== undefined) yield { segments, byMethods };
    }
  }
}

/** The segments after a `**`: literals, and undefined for a `*`. */
type Suffix = readonly (string | undefined)[];

const ANY = undefined;

function literalsIn(suffix: Suffix): number {
  return suffix.filter((each) => each !== ANY).length;
}

/** A place in the tree of segments. */
class Place<T> {
  readonly byVerb = new Map<string, ByMethod<T>>();
  readonly #literals = new Map<string, Place<T>>();
  #one: Place<T> | undefined;
  /**
   * Places behind `**`, by the segments after it. Longer ones are more precise and come first, then
   * those with more literals.
   */
  #rest: { readonly suffix: Suffix; readonly place: Place<T> }[] = [];

  /** Set if a `**` leads to this place: the place before it, and the segments after it. */
  readonly #behindRest: { readonly before: Place<T>; readonly suffix: Suffix } | undefined;

  constructor(behindRest?: { readonly before: Place<T>; readonly suffix: Suffix }) {
    this.#behindRest = behindRest;
  }

  byMethodOf(verb: string): ByMethod<T> {
    const byMethod = this.byVerb.get(verb) ?? new Map<string, Entry<T>>();
    this.byVerb.set(verb, byMethod);
    return byMethod;
  }

  /** The place for a segment, which is created if necessary. */
  next(segment: TemplateSegment): Place<T> {
    if (segment.kind === "rest") return this.#placeBehindRest([]);
    if (this.#behindRest !== undefined) {
      const { before, suffix } = this.#behindRest;
      return before.#placeBehindRest([...suffix, segment.kind === "one" ? ANY : segment.text]);
    }
    if (segment.kind === "one") return (this.#one ??= new Place());
    const next = this.#literals.get(segment.text) ?? new Place<T>();
    this.#literals.set(segment.text, next);
    return next;
  }

  #placeBehindRest(suffix: Suffix): Place<T> {
    const known = this.#rest.find((each) => isDeepStrictEqual(each.suffix, suffix));
    if (known !== undefined) return known.place;
    const place = new Place<T>({ before: this, suffix });
    this.#rest = [...this.#rest, { suffix, place }].toSorted(
      (a, b) => b.suffix.length - a.suffix.length || literalsIn(b.suffix) - literalsIn(a.suffix),
    );
    return place;
  }

  /** The places that match the segments from an index on. */
  *walk(segments: readonly string[], from: number): Generator<Place<T>> {
    const segment = segments[from];
    if (segment === undefined) yield this;
    else {
      const literal = this.#literals.get(segment);
      if (literal !== undefined) yield* literal.walk(segments, from + 1);
      if (segment !== "" && this.#one !== undefined) yield* this.#one.walk(segments, from + 1);
    }
    for (const { suffix, place } of this.#rest) {
      const left = segments.length - from - suffix.length;
      const fits = (text: Suffix[number], index: number): boolean => {
        const found = segments[from + left + index];
        return text === ANY ? found !== "" : found === text;
      };
      if (left >= 0 && suffix.every(fits)) yield place;
    }
  }
}

/** The value of each variable of a template, not decoded. */
function valuesOf({ segments: template, variables }: Template, segments: readonly string[]): string[] {
  // After a `**`, all indices are shifted by the segments that it matched, minus one for itself.
  const rest = template.findIndex(({ kind }) => kind === "rest");
  const shift = segments.length - template.length;
  const at = (index: number): number => (rest !== -1 && index > rest ? index + shift : index);
  return variables.map(({ start, end }) => segments.slice(at(start), at(end)).join("/"));
}

/** A segment that is not UTF-8 is compared as it is. */
function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
