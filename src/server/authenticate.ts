import { ANONYMOUS, type Caller, type CallerSender } from "../core/caller.ts";
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

/** Is told of a request whose credentials are none. Resolves when its sender may be told. */
export type OnRefused = (sender: Sender, from: CallerSender, error: unknown) => Promise<void>;

/**
 * The same, with where each call came from, and whom it is for where a header says so.
 *
 * @param isAsked whether anybody reads this by now: otherwise callers are passed on as they are. @default always
 */
export function withSender(
  authenticate: Authenticate,
  onRefused?: OnRefused,
  isAsked: () => boolean = () => true,
): Authenticate {
  /** A poll is asked who sent it before it is known whether it may be answered from memory, and then again. */
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
