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
import { masksIn } from "./message-json.ts";

/** How JSON is written. */
export interface AnsweredJsonOptions {
  readonly types: Types;
  /** `alt=json;enum-encoding=int` */
  readonly enumsAsNumbers: boolean;
}

/**
 * The JSON of a message that is answered. Proto-JSON has no form for paths of masks such as `labels.Env` or `_`, and callers may
 * send them: an answer that has such a path spells it as the proto does, and it is read back as the same.
 *
 * @throws {Error} for a message that has no JSON for another reason
 */
export function answeredJson(desc: DescMessage, message: Message, options: AnsweredJsonOptions): JsonValue {
  const { types, enumsAsNumbers } = options;
  const written = (each: Message): JsonValue =>
    toJson(desc, each, { registry: types, enumAsInteger: enumsAsNumbers });
  try {
    return written(message);
  } catch (error) {
    const copy = clone(desc, message);
    const odd = masksIn(desc, copy).flatMap(({ mask, place }) => {
      const text = oddMaskText(mask.paths);
      return text === undefined ? [] : { mask, place, text };
    });
    if (odd.length === 0) throw error;
    for (const { mask } of odd) mask.paths = [];
    return odd.reduce((json, { place, text }) => withText(json, place, text), written(copy));
  }
}

/** Puts a text in the place of an empty one. @returns the text where the whole is a mask */
function withText(json: JsonValue, place: readonly string[], text: string): JsonValue {
  const last = place.at(-1);
  if (last === undefined) return text;
  let at = json as JsonObject;
  for (const member of place.slice(0, -1)) {
    // A key such as `__proto__`, which JSON was not given.
    if (!Object.hasOwn(at, member)) return json;
    at = at[member] as JsonObject;
  }
  if (Object.hasOwn(at, last)) at[last] = text;
  return json;
}
