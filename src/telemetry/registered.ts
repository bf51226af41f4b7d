/** Where the API of OpenTelemetry keeps what is registered, for all its copies in a process. */
const PLACE = Symbol.for("opentelemetry.js.api.1");

/** Whether a provider of traces or of metrics is registered. Looks at a global, and loads nothing. */
export function isRegistered(signal: "trace" | "metrics", place: object = globalThis): boolean {
  const registered = Reflect.get(place, PLACE) as Readonly<Record<string, unknown>> | undefined;
  return registered?.[signal] !== undefined;
}
