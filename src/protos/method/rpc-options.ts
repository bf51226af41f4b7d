import { OTHER_NAMES } from "../../core/method/options.ts";
import { checkFunction, checkOptionNames, shownOption } from "../../core/value/options.ts";
import type { AnswerOptions, RunOptions } from "./define.ts";

const RUN = {
  name: true,
  description: true,
  response: true,
  metadata: true,
  retry: true,
  deadline: true,
  timeToLive: true,
  concurrency: true,
  parallel: true,
  target: true,
  parent: true,
  run: true,
} as const satisfies Record<keyof RunOptions<never, never, never>, true>;

const ANSWER = { name: true, answer: true } as const satisfies Record<
  keyof AnswerOptions<never, never>,
  true
>;

/**
 * Checks the options of an RPC without defaults.
 *
 * @param what the RPC's name
 * @throws {TypeError} with the invalid option, its allowed values and its value
 */
export function checkRpcOptions(what: string, options: unknown): void {
  checkOptions(what, options, Object.keys(RUN));
}

/** The same for a handler, whose types come from its descriptors. @throws {TypeError} */
export function checkHandlerOptions(what: string, options: unknown): void {
  const { response: _response, metadata: _metadata, ...known } = RUN;
  checkOptions(what, options, Object.keys(known));
}

function checkOptions(what: string, options: unknown, runOptions: readonly string[]): void {
  const isAnswered = typeof options === "object" && options !== null && "answer" in options;
  const example = "{ run } for an RPC that starts operations, or { answer } for another";
  checkOptionNames(what, options, isAnswered ? Object.keys(ANSWER) : runOptions, {
    example,
    otherNames: OTHER_NAMES,
  });
  const { run, answer, parent, target, response, metadata } = options as Readonly<Record<string, unknown>>;
  if (isAnswered) checkFunction(`${what}: answer`, answer, "(request) => response");
  else checkFunction(`${what}: run`, run, "(request, context) => { … }");
  if (target !== undefined) checkFunction(`${what}: target`, target, "(request) => request.name");
  if (parent !== undefined) checkFunction(`${what}: parent`, parent, "(request) => request.parent");
  checkMessage(`${what}: response`, response);
  checkMessage(`${what}: metadata`, metadata);
}

function checkMessage(what: string, option: unknown): void {
  if (option === undefined) return;
  if (typeof option === "object" && option !== null && "kind" in option && option.kind === "message") return;
  throw new TypeError(
    `${what}: expected the descriptor of a message, such as InstanceSchema, got ${shownOption(option)}`,
  );
}
