import postgres from "postgres";
import type { ServerAddress, TlsMode } from "./server-address.ts";
import type { SessionEvents, SessionOptions } from "./session.ts";
import type { Sockets } from "./sockets.ts";

const CONNECT_TIMEOUT_SECONDS = 3;
const KEEP_ALIVE_SECONDS = 15;
const INT8 = 20;

/** The driver's names of the modes; only its `prefer` allows connections without TLS. */
const TLS: Readonly<Record<TlsMode, false | "prefer" | "require" | "verify-full">> = {
  disable: false,
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-ca": "verify-full",
  "verify-full": "verify-full",
};

/** The parts of a connection. */
export interface DriverParts {
  readonly options: SessionOptions;
  readonly address: ServerAddress;
  readonly host: ServerAddress["hosts"][number];
  readonly sockets: Sockets;
  /** Called when the connection has ended. */
  readonly over: () => void;
  readonly events: SessionEvents;
}

/** Creates the driver for one connection, with all settings. */
export function openDriver({ options, address, host, sockets, over, events }: DriverParts): postgres.Sql {
  return postgres({
    host: host.host,
    ...(host.port === undefined ? {} : { port: host.port }),
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { password: address.password }),
    database: address.database,
    ssl: TLS[address.tls],
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: 0,
    max_lifetime: null,
    keep_alive: KEEP_ALIVE_SECONDS,
    // Arrays are sent as text, and the driver needs to look up no other type.
    fetch_types: false,
    onnotice: () => {},
    onnotify: (_: string, text: string) => events.hear?.(text),
    onclose: over,
    types: {
      integer: { to: INT8, from: [INT8], serialize: String, parse: Number },
    } as unknown as Record<string, postgres.PostgresType>,
    // No other settings, because a pooler would reject them.
    connection: { application_name: options.name ?? "longrunning" },
    socket: ({ port }: { readonly port: readonly number[] }) =>
      sockets.open({ host: host.host, port: host.port ?? port[0] ?? 5432 }),
  } as postgres.Options<Record<string, postgres.PostgresType>>);
}
