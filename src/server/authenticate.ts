import { ANONYMOUS, type Caller, type CallerSender } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import type { Authenticate, Sender } from "../core/ports/authenticate.ts";

/** Treats everybody as the anonymous caller, with the quota project and trace of the request. */
export function anonymously({ headers }: Sender): Caller {
  const { traceparent } = headers;
  const quotaProject = headers["x-goog-user-project"];
  if (quotaProject === undefined && traceparent === undefined) return ANONYMOUS;
  return { ...ANONYMOUS, quotaProject: oneText(quotaProject), traceparent: oneText(traceparent) };
}

/** The caller of the credentials, with the quota project and trace of the request. */
export function asSent(caller: Caller, { headers }: Sender): Caller {
  const quotaProject = oneText(headers["x-goog-user-project"]);
  const traceparent = oneText(headers["traceparent"]);
  if (quotaProject === undefined && traceparent === undefined) return caller;
  return { ...caller, quotaProject: quotaProject ?? caller.quotaProject, traceparent };
}

/** Called for a request with invalid credentials. Resolves when its sender may be answered. */
export type OnRefused = (sender: Sender, from: CallerSender, error: unknown) => Promise<void>;

/**
 * Authenticates in the same way, and adds the sender's address, and its user if a header names one.
 *
 * @param isAsked whether anything reads the sender now: otherwise callers are passed on unchanged.
 * @default always
 */
export function withSender(
  authenticate: Authenticate,
  onRefused?: OnRefused,
  isAsked: () => boolean = () => true,
): Authenticate {
  /** Senders already reported: a poll that the cache cannot answer is authenticated twice. */
  const refused = new WeakSet<Sender>();
  const refuse = async (sender: Sender, error: unknown): Promise<never> => {
    if (!refused.has(sender)) {
      refused.add(sender);
      await onRefused?.(sender, senderOf(sender), error);
    }
    throw error;
  };
  const begin = (sender: Sender): Caller | Promise<Caller> => {
    if (onRefused === undefined) return authenticate(sender);
    try {
      const caller = authenticate(sender);
      return caller instanceof Promise ? caller.catch((error: unknown) => refuse(sender, error)) : caller;
    } catch (error) {
      return refuse(sender, error);
    }
  };
  return (sender) => {
    const caller = begin(sender);
    if (!isAsked()) return caller;
    const quotaUser = oneText(sender.headers["x-goog-quota-user"])?.slice(0, LIMITS.quotaUserLengthMax);
    const from = {
      sender: senderOf(sender),
      ...(quotaUser === undefined || quotaUser === "" ? {} : { quotaUser }),
    };
    return caller instanceof Promise ? caller.then((each) => ({ ...each, ...from })) : { ...caller, ...from };
  };
}

function senderOf({ headers, socket }: Sender): CallerSender {
  const userAgent = oneText(headers["user-agent"])?.slice(0, LIMITS.userAgentLengthMax);
  return { ip: socket?.remoteAddress, userAgent };
}

/** The caller of a request, if it is known at once; a later call reports why not. */
export function callerAtOnce(authenticate: Authenticate, sender: Sender): Caller | undefined {
  try {
    const caller = authenticate(sender);
    if (!(caller instanceof Promise)) return caller;
    caller.catch(() => undefined);
  } catch {
    // Invalid credentials: the ordinary path reports the error.
  }
  return undefined;
}

/** The value of a header that occurs once; otherwise undefined. */
function oneText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
