import type { EventFields, EventName } from "../core/events.ts";
import type { Teller } from "../core/teller.ts";
import { isGrpcServerError, knownHttpMethod } from "./call-labels.ts";
import type { BoundedNames } from "./bounded-names.ts";
import type { Meter } from "./metrics.ts";

/** The metrics that each event changes. */
type Notes = { readonly [Name in EventName]?: (fields: EventFields<Name>) => void };

/**
 * Updates metrics from events, from now on.
 *
 * @returns a function that ends this
 */
export function meterEvents(
  teller: Pick<Teller, "watch">,
  meter: Meter,
  methods: Pick<BoundedNames, "labelOf">,
): () => void {
  const notes = notesOf(meter, (method) => methods.labelOf(method));
  const names = Object.keys(notes) as EventName[];
  return teller.watch(
    (name, fields) => (notes[name] as ((fields: object) => void) | undefined)?.(fields),
    names,
  );
}

function notesOf(meter: Meter, labelOf: (method: string) => string): Notes {
  return { ...operationNotes(meter, labelOf), ...storeNotes(meter, labelOf), ...callNotes(meter) };
}

function operationNotes(meter: Meter, labelOf: (method: string) => string): Notes {
  return {
    "operation.started": ({ method }) => meter.count("longrunning.operations.started", [labelOf(method)]),
    "operation.ended": ({ method, state, code = "", durationMs }) => {
      const label = labelOf(method);
      meter.count("longrunning.operations.finished", [label, state, code]);
      meter.record("longrunning.operation.duration", [label, state], durationMs / 1_000);
    },
    "attempt.claimed": ({ method, waitMs }) =>
      meter.record("longrunning.attempt.wait", [labelOf(method)], waitMs / 1_000),
    "attempt.ended": ({ method, how, durationMs }) => {
      const values = [labelOf(method), OUTCOMES[how] ?? "dropped"] as const;
      meter.count("longrunning.attempts", values);
      meter.record("longrunning.attempt.duration", values, durationMs / 1_000);
    },
    // The sweep reports these attempts, because no process is left that could report
    // `attempt.ended`.
    "lease.expired": ({ method, how }) =>
      meter.count("longrunning.attempts", [labelOf(method), how === "unconfirmed" ? how : "lost"]),
  };
}

const OUTCOMES: Readonly<Record<string, string>> = {
  completed: "completed",
  failed: "failed",
  released: "released",
  "handed-over": "handed-over",
};

function storeNotes(meter: Meter, labelOf: (method: string) => string): Notes {
  return {
    "operation.contended": ({ method }) => meter.count("longrunning.store.conflicts", [labelOf(method)]),
    "store.batch-ended": ({ lane, count, durationMs, error }) => {
      meter.record("longrunning.store.batch.duration", [lane], durationMs / 1_000);
      meter.record("longrunning.store.batch.size", [lane], count);
      if (error !== undefined) meter.count("longrunning.store.errors", [lane]);
    },
  };
}

function callNotes(meter: Meter): Notes {
  return {
    "http.ended": ({ method, protocol, route = "", status, durationMs }) => {
      const text = String(status);
      const values = [
        knownHttpMethod(method),
        protocol,
        text,
        route,
        text.startsWith("5") ? text : "",
      ] as const;
      meter.record("http.server.request.duration", values, durationMs / 1_000);
    },
    "grpc.ended": ({ rpc, code, durationMs }) => {
      const values = ["grpc", rpc, code, isGrpcServerError(code) ? code : ""] as const;
      meter.record("rpc.server.call.duration", values, durationMs / 1_000);
    },
  };
}
