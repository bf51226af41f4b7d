import type { State } from "../../core/operation/operation.ts";
import type {
  Attempt,
  OperationRecord,
  OperationRow,
} from "../../wire/gen/longrunning/v1/admin_operations_pb.ts";
import type { Io } from "../io.ts";
import { fieldLines } from "../output/show.ts";
import { oneLine, paintState, styleFor } from "../output/style.ts";
import { countText, timeText } from "./words.ts";

/** The operators' view of an operation. */
export function recordText(io: Io, record: OperationRecord): string {
  const style = styleFor(io, io.stdout);
  const { row } = record;
  if (row === undefined) return "";
  return [
    `${style.bold(oneLine(row.name))}  ${paintState(style, row.state as State)}`,
    ...fieldLines(recordRows(record, row), style.dim),
    "",
  ].join("\n");
}

type Rows = readonly (readonly [string, string | undefined])[];

function recordRows(record: OperationRecord, row: OperationRow): Rows {
  const { error } = record;
  return [
    ["method", row.method],
    ["request id", given(record.requestId)],
    ["again of", given(record.againOf)],
    ["target", given(row.target)],
    ["request", payloadText(record.requestJson, record.requestBytes)],
    ["started by", given(record.principal)],
    ["revision", String(record.revision)],
    ["attempt", `${row.attempt} (${row.failedAttempts} of ${row.attemptsMax} failed)`],
    ["attempts", attemptsText(record)],
    ["worker", given(row.worker)],
    ["lease until", timeText(record.leaseTime)],
    ["priority", row.priority === 0 ? undefined : String(row.priority)],
    ["parallel key", row.key === "" ? undefined : `${row.key}${row.blocked ? ", blocked" : ""}`],
    ...timeRows(record, row),
    ["metadata", payloadText(record.metadataJson, record.metadataBytes)],
    ["response", payloadText(record.responseJson, record.responseBytes)],
    ["error", error === undefined ? undefined : `${row.errorCode}: ${error.message}`],
    ["tried again", given(record.retried)],
    ["exception", given(record.exception)],
    ["trace", given(record.traceId)],
  ];
}

function timeRows(record: OperationRecord, row: OperationRow): Rows {
  return [
    ["created", timeText(row.createTime)],
    ["available", timeText(row.availableTime)],
    ["started", timeText(row.startTime)],
    ["cancel asked", timeText(record.cancelTime)],
    ["deadline", timeText(record.deadlineTime)],
    ["ended", timeText(row.endTime)],
    ["kept until", timeText(record.expireTime)],
  ];
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** A payload that is too large is not sent; its size is shown. */
function payloadText(json: string | undefined, bytes: number): string | undefined {
  if (json !== undefined || bytes === 0) return json;
  return `(${countText(bytes)} bytes; ask for it with --store or on the page)`;
}

function attemptsText({ attempts, attemptsRecordedFrom }: OperationRecord): string | undefined {
  const missing =
    attemptsRecordedFrom <= 1 ? [] : [`before ${attemptsRecordedFrom}: not recorded, or no longer kept`];
  const lines = [...missing, ...attempts.map(attemptText)];
  return lines.length === 0 ? undefined : lines.join("\n");
}

function attemptText({ number, worker, beginTime, endTime, how, code, message }: Attempt): string {
  const times = `${timeText(beginTime) ?? "?"} to ${timeText(endTime) ?? "now"}`;
  const error = [code, message].filter((each) => each !== "").join(": ");
  return oneLine(`${number}  ${times}  ${given(worker) ?? "?"}  ${error === "" ? how : `${how}, ${error}`}`);
}
