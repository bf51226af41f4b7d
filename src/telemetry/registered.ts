/** The global where all copies of the OpenTelemetry API in a process store what is registered. */
const PLACE = Symbol.for("opentelemetry.js.api.1");

/** Whether a provider of traces or metrics is registered. It reads a global, and loads nothing. */
export function isRegistered(signal: "trace" | "metrics", place: object = globalThis): boolean {
  const registered = Reflect.get(place, PLACE) as Readonly<Record<string, unknown>> | undefined;
  return registered?.[signal] !== undefined;
}
