import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import type { Authenticate, Sender } from "../core/ports/authenticate.ts";

/** Makes everybody the anonymous caller, with what the request says of quota and trace. */
export function anonymously({ headers }: Sender): Caller {
  const { traceparent } = headers;
  const quotaProject = headers["x-goog-user-project"];
  if (quotaProject === undefined && traceparent === undefined) return ANONYMOUS;
  return { ...ANONYMOUS, quotaProject: oneText(quotaProject), traceparent: oneText(traceparent) };
}

/** A caller that credentials name, with what the request says of quota and trace. */
export function asSent(caller: Caller, { headers }: Sender): Caller {
  const quotaProject = oneText(headers["x-goog-user-project"]);
  const traceparent = oneText(headers["traceparent"]);
  if (quotaProject === undefined && traceparent === undefined) return caller;
  return { ...caller, quotaProject: quotaProject ?? caller.quotaProject, traceparent };
}

/** The same, with where each call came from, and whom it is for where a header says so. */
export function withSender(authenticate: Authenticate): Authenticate {
  return (sender) => {
    const caller = authenticate(sender);
    const quotaUser = oneText(sender.headers["x-goog-quota-user"])?.slice(0, LIMITS.quotaUserLengthMax);
    const from = {
      sender: { ip: sender.socket?.remoteAddress, userAgent: userAgentOf(sender) },
      ...(quotaUser === undefined || quotaUser === "" ? {} : { quotaUser }),
    };
    return caller instanceof Promise ? caller.then((each) => ({ ...each, ...from })) : { ...caller, ...from };
  };
}

function userAgentOf({ headers }: Sender): string | undefined {
  return oneText(headers["user-agent"])?.slice(0, LIMITS.userAgentLengthMax);
}

/** The caller of a request, where it is known at once; whoever asks later is told why not. */
export function callerAtOnce(authenticate: Authenticate, sender: Sender): Caller | undefined {
  try {
    const caller = authenticate(sender);
    if (!(caller instanceof Promise)) return caller;
    caller.catch(() => undefined);
  } catch {
    // Credentials that are none: the whole way says so.
  }
  return undefined;
}

/** The value of a header that comes once; undefined where it does not. */
function oneText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
