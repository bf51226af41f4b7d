const DEPTH_MAX = 5;

/** The error code of the system, however deep `fetch` has nested it. */
export function causeCode(error: unknown): string | undefined {
  for (const each of causes(error))
    if (typeof each["code"] === "string" && each["code"] !== "") return each["code"];
  return undefined;
}

/**
 * The message of the innermost cause, because `fetch` reports only that it failed; empty for none.
 * The error for several addresses of a host has no message; then it is the error's code.
 */
export function causeMessage(error: unknown): string {
  let message = "";
  for (const { message: own, code } of causes(error)) {
    if (typeof own === "string" && own !== "") message = own;
    else if (typeof code === "string") message = code;
  }
  return message;
}

/** The error and its causes, outermost first. */
function* causes(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  let each = error;
  for (let depth = 0; typeof each === "object" && each !== null && depth < DEPTH_MAX; depth++) {
    const found = each as Readonly<Record<string, unknown>>;
    yield found;
    each = found["cause"];
  }
}
