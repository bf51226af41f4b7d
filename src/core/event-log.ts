import { EVENT_NAMES, EVENTS, type EventName, type Tell } from "./events.ts";
import type { Log } from "./ports/log.ts";
import { Teller } from "./teller.ts";

/** The events that the log shows. */
const LOGGED: readonly EventName[] = EVENT_NAMES.filter((name) => EVENTS[name].level !== undefined);

/** The access log: one line for each HTTP request and each gRPC call. */
export const ACCESS_EVENTS: readonly EventName[] = ["request.answered", "rpc.answered"];

/**
 * Writes events with a level to a log.
 *
 * @param except events to leave out. @default none
 * @returns stops the log
 */
export function logEvents(teller: Teller, log: Log, except: readonly EventName[] = []): () => void {
  const names = LOGGED.filter((name) => !except.includes(name));
  return teller.watch((name, fields) => {
    const { level, sentence } = EVENTS[name];
    if (level === undefined) return;
    const beside: Record<string, unknown> = { ...fields };
    const message = sentence.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
      const value = beside[field];
      delete beside[field];
      return String(value);
    });
    if (Object.keys(beside).length === 0) log[level](message);
    else log[level](message, beside);
  }, names);
}

/** Reports only to a log, without the access log. */
export function tellLog(log: Log): Tell {
  const teller = new Teller();
  logEvents(teller, log, ACCESS_EVENTS);
  return teller.tell;
}
