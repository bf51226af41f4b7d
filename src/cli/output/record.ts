import { isId } from "../../core/operation/id.ts";
import { formatName, parseName } from "../../core/operation/name.ts";
import { attemptsKnownFrom, attemptsOf, type ShownAttempt } from "../../core/operation/attempts.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";
import { shownWorker } from "../../core/operation/remote-worker.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { fieldLines } from "./show.ts";
import { oneLine, paintState, styleFor } from "./style.ts";

/**
 * Shows the operators' view of an operation: its record, read from the store without a server.
 *
 * @throws {CommandError} if the operation does not exist
 * @throws {StatusError} if the store cannot be opened
 */
export async function showRecord(
  io: Io,
  name: string,
  { store, output }: { readonly store: string; readonly output: "text" | "json" },
): Promise<void> {
  const operation = await readRecord(name, store);
  io.stdout.write(
    output === "json" ? `${JSON.stringify(plainRecord(operation), null, 2)}\n` : recordText(io, operation),
  );
}

async function readRecord(name: string, address: string): Promise<Operation> {
  const parsed = parseName(name.replace(/^\/+/, ""));
  const id = parsed?.id ?? name;
  if (!isId(id)) {
    throw new CommandError(
      "usage",
      `"${name}" is no operation's name.`,
      "Names look like operations/0199aabb-ccdd-7eff-8000-000000000001.",
    );
  }
  // Imported here, so that commands that only call a server do not load a database.
  const { openStore } = await import("../../store/open.ts");
  const store = await openStore(address, { readOnly: true });
  try {
    const operation = await store.read(id);
    if (operation !== undefined && (parsed === undefined || operation.parent === parsed.parent))
      return operation;
  } finally {
    await store.close();
  }
  throw new CommandError(
    "notFound",
    `The store has no operation "${name}".`,
    "It was deleted, has expired, or is in another store; the parent is part of the name.",
  );
}

function recordText(io: Io, operation: Operation): string {
  const style = styleFor(io, io.stdout);
  return [
    `${style.bold(oneLine(formatName(operation)))}  ${paintState(style, operation.state)}`,
    ...fieldLines(recordRows(operation), style.dim),
    "",
  ].join("\n");
}

function recordRows(operation: Operation): readonly (readonly [string, string | undefined])[] {
  const { error } = operation;
  return [
    ["method", operation.method],
    ["request id", operation.requestId ?? undefined],
    ["target", operation.target === "" ? undefined : operation.target],
    ["request", operation.request],
    ["revision", String(operation.revision)],
    ["attempt", `${operation.attempt} (${operation.failedAttempts} of ${operation.attemptsMax} failed)`],
    ["attempts", attemptsText(operation)],
    ["worker", operation.worker === null ? undefined : shownWorker(operation.worker)],
    ["lease until", timeText(operation.leaseTime)],
    ["priority", operation.priority === 0 ? undefined : String(operation.priority)],
    ["parallel key", parallelText(operation)],
    ["created", timeText(operation.createTime)],
    ["available", timeText(operation.availableTime)],
    ["started", timeText(operation.startTime)],
    ["cancel asked", timeText(operation.cancelTime)],
    ["deadline", timeText(operation.deadlineTime)],
    ["ended", timeText(operation.endTime)],
    ["kept until", timeText(operation.expireTime)],
    ["metadata", payloadText(operation.metadata)],
    ["response", payloadText(operation.response)],
    ["error", error === null ? undefined : `${error.code}: ${error.message}`],
    ["details", error === null || error.details.length === 0 ? undefined : JSON.stringify(error.details)],
    ["exception", operation.exception ?? undefined],
    ["trace", operation.traceContext ?? undefined],
  ];
}

/** A line for each attempt; undefined if there was none. */
function attemptsText(operation: Operation): string | undefined {
  const knownFrom = attemptsKnownFrom(operation);
  const shown = attemptsOf(operation).map(attemptText);
  const lines = knownFrom === 1 ? shown : [`before ${knownFrom}: not recorded, or no longer kept`, ...shown];
  return lines.length === 0 ? undefined : lines.join("\n");
}

function attemptText({ number, worker, beginTime, endTime, how, code, message }: ShownAttempt): string {
  const times = `${timeText(beginTime) ?? "?"} to ${timeText(endTime) ?? "now"}`;
  const error = [code, message].filter((each) => each !== null && each !== "").join(": ");
  const told = error === "" ? how : `${how}, ${error}`;
  return oneLine(`${number}  ${times}  ${shownWorker(worker ?? "?")}  ${told}`);
}

function parallelText({ parallelKey, blocked }: Operation): string | undefined {
  if (parallelKey === null) return undefined;
  const key = JSON.stringify(parallelKey);
  return blocked ? `${key}, blocked` : key;
}

/** The record with times as text and payloads as values. */
function plainRecord(operation: Operation): Readonly<Record<string, unknown>> {
  const plain = Object.entries(operation).map(([key, value]) => {
    if (key.endsWith("Time")) return [key, timeText(value as number | null) ?? null];
    if (key === "attempts") return [key, attemptsOf(operation).map(plainAttempt)];
    if (key === "request") return [key, JSON.parse(value as string)];
    if (key === "metadata" || key === "response") return [key, plainPayload(value as Payload | null)];
    return [key, value];
  });
  return { name: formatName(operation), ...Object.fromEntries(plain) };
}

function plainAttempt(attempt: ShownAttempt): Readonly<Record<string, unknown>> {
  const { beginTime, endTime } = attempt;
  return { ...attempt, beginTime: timeText(beginTime) ?? null, endTime: timeText(endTime) ?? null };
}

function plainPayload(payload: Payload | null): unknown {
  return payload === null ? null : { type: payload.type, value: JSON.parse(payload.json) };
}

function payloadText(payload: Payload | null): string | undefined {
  return payload === null ? undefined : payload.json;
}

function timeText(time: number | null): string | undefined {
  return time === null ? undefined : new Date(time).toISOString();
}
