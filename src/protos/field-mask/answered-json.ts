import {
  clone,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { oddMaskText } from "../../wire/proto/mask-text.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { masksIn, type Step } from "./message-json.ts";

/** Options for the JSON of answers. */
export interface AnsweredJsonOptions {
  readonly types: Types;
  /** `alt=json;enum-encoding=int` */
  readonly enumsAsNumbers: boolean;
}

/**
 * The JSON of an answered message. Proto-JSON has no form for mask paths such as `labels.Env` or
 * `_`, but callers may send them. An answer with such a path spells it as in the proto, and it can
 * be read back.
 *
 * @throws {Error} for a message that has no JSON form for another reason
 */
export function answeredJson(desc: DescMessage, message: Message, options: AnsweredJsonOptions): JsonValue {
  const { types, enumsAsNumbers } = options;
  const written = (each: Message): JsonValue =>
    toJson(desc, each, { registry: types, enumAsInteger: enumsAsNumbers });
  try {
    return written(message);
  } catch (error) {
    const copy = clone(desc, message);
    const odd = masksIn(desc, copy).flatMap(({ mask, steps }) => {
      const text = oddMaskText(mask.paths);
      return text === undefined ? [] : { mask, place: placeOf(steps), text };
    });
    if (odd.length === 0) throw error;
    for (const { mask } of odd) mask.paths = [];
    return odd.reduce((json, { place, text }) => withText(json, place, text), written(copy));
  }
}

/** The names in JSON that lead to a mask. */
function placeOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ field, member }) =>
    member === undefined ? [field.jsonName] : [field.jsonName, String(member)],
  );
}

/** Replaces an empty text. @returns the text if the whole value is a mask */
function withText(json: JsonValue, place: readonly string[], text: string): JsonValue {
  const last = place.at(-1);
  if (last === undefined) return text;
  let at = json as JsonObject;
  for (const member of place.slice(0, -1)) {
    // A key such as `__proto__`, which JSON did not get.
    if (!Object.hasOwn(at, member)) return json;
    at = at[member] as JsonObject;
  }
  if (Object.hasOwn(at, last)) at[last] = text;
  return json;
}
