import type { Operation } from "../../../src/core/operation/operation.ts";
import type { Expected } from "./expected.ts";

/** A record in the oracle's terms. */
export function expectedOf(record: Operation): Expected {
  const {
    target: _target,
    exception: _exception,
    traceContext: _trace,
    metadata,
    response,
    error,
    attempts,
    ...same
  } = record;
  const info = error?.details[0]?.["reason"];
  return {
    ...same,
    attempts: attempts
      .map(({ number, worker, beginTime, endTime, how, code }) =>
        [number, worker, beginTime, endTime, how, code].join(" "),
      )
      .join("\n"),
    metadata: metadata === null ? null : metadata.json,
    response: response === null ? null : response.json,
    error: error === null ? null : typeof info === "string" ? info : error.code,
  };
}
