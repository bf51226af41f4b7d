const FIELDS = [
  "metadata.state",
  "metadata.verb",
  "metadata.target",
  "metadata.createTime",
  "metadata.scheduleTime",
  "metadata.startTime",
  "metadata.endTime",
  "metadata.expireTime",
  "metadata.attempt",
  "metadata.priority",
  "metadata.requestedCancellation",
  "metadata.progressPercent",
  "metadata.statusMessage",
  "error.code",
  "error.message",
  "error.details.reason",
  "done",
  "name",
];
const WORDS = ["AND", "OR", "NOT"];
const STATES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"];
const CODES =
  "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );
const OPTIONS_MAX = 8;

/** The possible completions at the caret, and the part of the text that a completion replaces. */
export interface Completion {
  readonly start: number;
  readonly end: number;
  readonly options: readonly string[];
}

/** @param methods names of methods, offered as values of `metadata.verb` */
export function completionAt(text: string, caret: number, methods: readonly string[]): Completion {
  const before = text.slice(0, caret);
  const word = /[\w.@]*$/.exec(before)?.[0] ?? "";
  const start = caret - word.length;
  const end = caret + (/^[\w.@]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const field = /([\w.]+)\s*(?:[<>!]?=|[<>:])\s*$/.exec(before.slice(0, start))?.[1];
  const possible = field === undefined ? [...FIELDS, ...WORDS] : valuesOf(field, methods);
  const wanted = word.toLowerCase();
  const options = possible.filter((option) => option.toLowerCase().includes(wanted) && option !== word);
  const first = options.filter((option) => option.toLowerCase().startsWith(wanted));
  const rest = options.filter((option) => !first.includes(option));
  const known = word !== "" || field !== undefined;
  return { start, end, options: known ? [...first, ...rest].slice(0, OPTIONS_MAX) : [] };
}

function valuesOf(field: string, methods: readonly string[]): readonly string[] {
  if (field === "metadata.state") return STATES;
  if (field === "error.code") return CODES;
  if (field === "metadata.verb") return methods;
  if (field === "done" || field === "metadata.requestedCancellation") return ["true", "false"];
  return [];
}
