import { isDeepStrictEqual } from "node:util";
import type { Template, TemplateSegment } from "../../../protos/http-rule/template.ts";

/** What is at a place of the table, by HTTP method. */
type ByMethod<T> = Map<string, Entry<T>>;

/** A value, and the template that leads to it. */
interface Entry<T> {
  readonly template: Template;
  readonly value: T;
}

/** What a path leads to. */
export interface PathMatch<T> {
  readonly value: T;
  /** What the variables of the template are bound to, raw, in their order. */
  readonly values: readonly string[];
}

/**
 * Path templates and what they lead to.
 *
 * A path is looked up segment by segment: a literal goes before `*`, and `*` before `**`, from the left; a verb goes before
 * no verb. So the order in which templates were added has no say. No place of the table is looked at more than once for a
 * path, so that its length and what is in it cost nothing but the look at its segments.
 */
export class PathTable<T> {
  readonly #root = new Place<T>();

  /**
   * @param httpMethod in upper case; `*` for all that nothing else is declared for
   * @returns what is there already, where it is: then nothing is added
   */
  add(httpMethod: string, template: Template, value: T): Entry<T> | undefined {
    const place = template.segments.reduce((at, segment) => at.next(segment), this.#root);
    const byMethod = place.byMethodOf(template.verb);
    const before = byMethod.get(httpMethod);
    if (before === undefined) byMethod.set(httpMethod, { template, value });
    return before;
  }

  /** What a method and a raw path lead to, with the entries for any method after those for this one. */
  find(httpMethod: string, path: string): PathMatch<T> | undefined {
    for (const { segments, byMethods } of this.#candidates(path)) {
      const entry = byMethods.get(httpMethod) ?? byMethods.get("*");
      if (entry !== undefined) return { value: entry.value, values: valuesOf(entry.template, segments) };
    }
    return undefined;
  }

  /** The methods that something is declared for at a raw path, in alphabetical order. */
  methodsAt(path: string): readonly string[] {
    const found = Array.from(this.#candidates(path), ({ byMethods }) => [...byMethods.keys()]);
    return [...new Set(found.flat())].toSorted();
  }

  /** All places that a path leads to, the best first, with the path's segments as they were read. */
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

/** What comes after a `**`: literals, and in the place of a `*` nothing. */
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
  /** Places behind `**`, by what comes after it. The longer the more precise, and so the earlier; then the more literals. */
  #rest: { readonly suffix: Suffix; readonly place: Place<T> }[] = [];

  /** Whether this is reached by a `**`, and by what after it. */
  readonly #behindRest: { readonly before: Place<T>; readonly suffix: Suffix } | undefined;

  constructor(behindRest?: { readonly before: Place<T>; readonly suffix: Suffix }) {
    this.#behindRest = behindRest;
  }

  byMethodOf(verb: string): ByMethod<T> {
    const byMethod = this.byVerb.get(verb) ?? new Map<string, Entry<T>>();
    this.byVerb.set(verb, byMethod);
    return byMethod;
  }

  /** The place that a segment leads to, made where there is none. */
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

  /** The places that the segments from an index on lead to. */
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

/** What each variable of a template is bound to, raw. */
function valuesOf({ segments: template, variables }: Template, segments: readonly string[]): string[] {
  // Behind a `**` all indices are off by what it has taken, less the one segment that it is itself.
  const rest = template.findIndex(({ kind }) => kind === "rest");
  const shift = segments.length - template.length;
  const at = (index: number): number => (rest !== -1 && index > rest ? index + shift : index);
  return variables.map(({ start, end }) => segments.slice(at(start), at(end)).join("/"));
}

/** One that is not UTF-8 is compared as it is. */
function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
