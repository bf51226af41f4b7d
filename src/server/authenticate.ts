import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";

/** What a request tells of its sender. */
export interface Sender {
  readonly headers: IncomingHttpHeaders;
  /** The connection that it came over. Undefined where a server of the user's keeps it to itself. */
  readonly socket: Pick<Socket, "remoteAddress"> | undefined;
}

/**
 * Makes a caller of each request: the same for REST and gRPC, and for each part of a batch. A promise only where the
 * caller is not known at once, as kept answers are sent to callers who are.
 *
 * @throws {StatusError} for credentials that are none; the promise rejects likewise
 */
export type Authenticate = (sender: Sender) => Caller | Promise<Caller>;

/** Makes everybody the anonymous caller, with what the request says of quota and trace. */
export function anonymously({ headers }: Sender): Caller {
  const { traceparent } = headers;
  const quotaProject = headers["x-goog-user-project"];
  if (quotaProject === undefined && traceparent === undefined) return ANONYMOUS;
  return { ...ANONYMOUS, quotaProject: oneText(quotaProject), traceparent: oneText(traceparent) };
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
  return headers["user-agent"]?.slice(0, LIMITS.userAgentLengthMax);
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
