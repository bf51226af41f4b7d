import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LIMITS } from "../core/limits.ts";
import { formatName, parseCollection, parseName } from "../core/operation/name.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { patternSize } from "./pattern-size.ts";

/**
 * Conditions of grants, in the Common Expression Language, as in Google's IAM. The package that
 * evaluates them is large and not among our dependencies: users with conditions install it.
 *
 * A condition must be true for its grant to apply; an error during evaluation counts as false.
 * Expressions that iterate over lists and large patterns are rejected, so that the length of a
 * condition limits its cost.
 *
 * @see https://cel.dev
 */
export interface Condition {
  readonly text: string;
  /** Whether it may hold for a call at one time and not at another. */
  readonly asksTime: boolean;
  /** @param now milliseconds since the epoch */
  holds(call: Call, now: number): boolean;
}

type Cel = typeof import("@bufbuild/cel");
type ParsedExpr = ReturnType<Cel["parse"]>;
type Expr = NonNullable<ParsedExpr["expr"]>;

/**
 * Compiles a condition.
 *
 * @throws {TypeError} with the reason for an invalid condition, and if the package that evaluates
 * conditions is not installed
 */
export async function conditionOf(
  text: string,
  load: () => Promise<unknown> = () => import("@bufbuild/cel"),
): Promise<Condition> {
  if (text.length > LIMITS.conditionLengthMax)
    throw new TypeError(
      `a condition has at most ${LIMITS.conditionLengthMax} characters, got ${text.length}`,
    );
  const cel = await load().catch((cause: unknown) => {
    const message = "conditions need a package that is not installed: npm install @bufbuild/cel";
    throw new TypeError(message, { cause });
  });
  const judge = judgeOf(cel as Cel, text);
  const sample = judge(SAMPLE, 0);
  if (sample instanceof Error) throw new TypeError(`the condition cannot be evaluated: ${sample.message}`);
  if (typeof sample !== "boolean")
    throw new TypeError(`expected an expression that is true or false, got one of type ${typeof sample}`);
  // The time is a part of `request`, and is available nowhere else.
  const asksTime = text.includes("request");
  const holds = (call: Call, now: number): boolean =>
    // No valid name is longer, and evaluating a name has a cost by its length.
    call.resource.length <= LIMITS.nameLengthMax && judge(call, now) === true;
  return { text, asksTime, holds };
}

function judgeOf(cel: Cel, text: string): (call: Call, now: number) => unknown {
  const parsed = parsedBy(cel, text);
  checkCost(parsed);
  const evaluate = cel.plan(cel.celEnv(), parsed);
  return (call, now) => evaluate(bindingsOf(call, now));
}

function parsedBy(cel: Cel, text: string): ParsedExpr {
  try {
    return cel.parse(text);
  } catch (error) {
    throw new TypeError(`the condition is not valid CEL: ${(error as Error).message}`, { cause: error });
  }
}

/** The variables of a condition. */
function bindingsOf({ caller, permission, resource, method = "" }: Call, now: number) {
  return {
    resource: { name: nameOf(resource) },
    request: { time: timestampFromMs(now), permission, method },
    principal: { name: caller.principal, groups: [...caller.groups] },
  };
}

/** Names can be spelled in several ways; a condition sees only one of them. */
function nameOf(resource: string): string {
  const name = parseName(resource);
  return (name === undefined ? parseCollection(resource) : formatName(name)).normalize("NFC");
}

const SAMPLE: Call = {
  caller: {
    principal: "user:ada@example.com",
    groups: [],
    tenant: null,
    quotaProject: undefined,
    traceparent: undefined,
  },
  permission: "longrunning.operations.get",
  resource: "projects/p/operations/x",
};

/** @throws {TypeError} if the length of an expression does not limit its cost */
function checkCost({ expr }: ParsedExpr): void {
  const left: (Expr | undefined)[] = [expr];
  let patternsLeft: number = LIMITS.conditionPatternsMax;
  while (left.length > 0) {
    const each = left.pop();
    if (each === undefined) continue;
    const { case: kind, value } = each.exprKind;
    if (kind === "comprehensionExpr")
      throw new TypeError(
        'a condition cannot iterate over lists (all, exists, map, filter); use in, such as "group:a" in principal.groups',
      );
    if (kind === "selectExpr") left.push(value.operand);
    if (kind === "callExpr") {
      if (value.function === "matches") patternsLeft -= sizeOfPattern(value.args.at(-1), patternsLeft);
      left.push(value.target, ...value.args);
    }
    if (kind === "listExpr") left.push(...value.elements);
    if (kind === "structExpr")
      for (const entry of value.entries)
        left.push(entry.value, entry.keyKind.case === "mapKey" ? entry.keyKind.value : undefined);
  }
}

/** @throws {TypeError} for a pattern that is not a literal, or too large */
function sizeOfPattern(pattern: Expr | undefined, most: number): number {
  const constant = pattern?.exprKind.case === "constExpr" ? pattern.exprKind.value.constantKind : undefined;
  if (constant?.case !== "stringValue")
    throw new TypeError("the pattern of matches() must be a literal in the condition");
  const size = patternSize(constant.value);
  if (size <= most) return size;
  throw new TypeError(
    `the patterns of matches() are too large: all patterns of a condition together have at most ` +
      `${LIMITS.conditionPatternsMax} characters and classes, where a{3} counts as aaa`,
  );
}
