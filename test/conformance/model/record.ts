import type { Operation } from "../../../src/core/operation/operation.ts";
import type { Expected } from "./oracle.ts";

/** A record in the oracle's words. */
export function expectedOf(record: Operation): Expected {
  const { target: _target, exception: _exception, metadata, response, error, ...same } = record;
  const info = error?.details[0]?.["reason"];
  return {
    ...same,
    metadata: metadata === null ? null : metadata.json,
    response: response === null ? null : response.json,
    error: error === null ? null : typeof info === "string" ? info : error.code,
  };
}
