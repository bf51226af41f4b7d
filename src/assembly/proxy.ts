import { OwnCollections, ownCollection } from "../access/own-collections.ts";
import { ownEnvironment } from "../config/own-process.ts";
import type { SettingsFor } from "../config/parse.ts";
import type { Tell } from "../core/events.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import type { Teller } from "../core/teller.ts";
import { traceparentOf } from "../core/trace-context.ts";
import { asyncRules } from "../proxy/async-rules.ts";
import type { Credentials } from "../proxy/credentials.ts";
import { ProxyEdge } from "../proxy/edge.ts";
import { httpRequestMethod } from "../proxy/method.ts";
import { OWN_PATH } from "../proxy/monitor.ts";
import { Passing } from "../proxy/passing.ts";
import { Tunnels } from "../proxy/tunnels.ts";
import { Upstream } from "../proxy/upstream.ts";
import { operationView } from "../server/view.ts";
import { currentAttempt } from "../worker/current-attempt.ts";
import { isDecided } from "./access-control.ts";
import type { BehindIt } from "./interfaces.ts";
import { readServeOptions, type ServeOptions } from "./options.ts";
import { type BeforeServer, hostsOf, type Served, serveToldBy } from "./serve.ts";

/** The options of a proxy: {@link ServeOptions} without methods, and the upstream. */
export interface ProxyOptions extends Omit<ServeOptions, "methods"> {
  /** The scheme, host and port of the upstream server. */
  readonly upstream: string;
  /** Patterns of requests that become operations, such as `POST /reports/**`. */
  readonly async: readonly string[];
  /**
   * How long a request that matches a pattern waits for its answer, unless the request says so
   * itself.
   */
  readonly waitMs: number;
  /** The longest time until the upstream begins an answer that is passed through. */
  readonly upstreamTimeoutMs: number;
  /**
   * The longest time until the upstream has answered a request stored as an operation, to the last
   * byte.
   */
  readonly asyncTimeoutMs: number;
  /**
   * Whether requests stored as operations are sent with their credentials; needs `encryption`.
   * @default they are dropped
   */
  readonly forwardCredentials?: boolean;
}

/** The trace of the running attempt. */
const traceparent = (): string | undefined => traceparentOf(currentAttempt()?.traceContext ?? null);

/**
 * Serves a proxy: requests are passed through to a server, and some are stored as operations.
 *
 * @throws {TypeError} for invalid options, or if the address is in use, with the remedy
 * @throws {StatusError} if the store cannot be opened
 */
export async function serveProxy(teller: Teller, given: ProxyOptions): Promise<Served> {
  const { upstream: address, async: patterns, forwardCredentials = false, ...timed } = given;
  const { waitMs, upstreamTimeoutMs, asyncTimeoutMs, ...others } = timed;
  const { clock = systemClock, random = systemRandom } = others;
  const { tell } = teller;
  const upstream = new Upstream(address);
  const rules = asyncRules(patterns);
  const settings = readServeOptions({ ...others, methods: [] });
  const sealing = { clock, random, tell };
  const credentials = forwardCredentials ? await credentialsOf(settings, sealing) : undefined;
  const sending = { upstream, clock, patienceMs: asyncTimeoutMs, traceparent, credentials };
  const { heap_size_limit: heapBytesMax } = process.getBuiltinModule("node:v8").getHeapStatistics();
  const method = httpRequestMethod({ ...sending, heapBytesMax });
  const options: ServeOptions = { ...others, methods: [method] };
  const { name: domain, publicUrl } = settings;
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl);
  const reachedBy = origin && { protocol: origin.protocol.slice(0, -1), host: origin.host };
  const common = { upstream, clock, patienceMs: upstreamTimeoutMs, domain };
  const passing = new Passing({ ...common, reachedBy });
  const tunnels = new Tunnels({ ...common, passing, allowedHosts: hostsOf(settings) });
  const isNarrow = isDecided(options.access);
  const listener = ({ operations, service, ...behind }: BehindIt): ProxyEdge["listener"] => {
    const pollIntervalMs = operations.pollIntervalMs.bind(operations);
    const monitor = {
      view: operationView(operations),
      pollIntervalMs,
      origin: publicUrl?.replace(/\/$/, "") ?? "",
      domain,
    };
    const told = { clock, random, tell };
    const asked = { rules, waitMs, credentials, parentOf: isNarrow ? ownCollection : () => "" };
    return new ProxyEdge({ ...behind, ...told, ...asked, operations, service, passing, monitor }).listener;
  };
  const before: BeforeServer = {
    mount: `${OWN_PATH.slice(1)}/`,
    listener,
    ...(credentials && { opened: (store) => credentials.start(store), closing: () => credentials.stop() }),
    narrow: (authorizer) => new OwnCollections(authorizer),
    upgrade: (request, socket, head) => tunnels.upgrade(request, socket, head),
    close: (graceMs) => void clock.after(graceMs, () => tunnels.close()),
  };
  const served = await serveToldBy(teller, options, before);
  const stop: Served["stop"] = async (how) => {
    await served.stop(how);
    upstream.close();
  };
  return { ...served, stop };
}

/**
 * Stores credentials until their operations end.
 *
 * @throws {TypeError} if there is no key to seal them
 */
async function credentialsOf(
  { kek: sources, name: service }: SettingsFor<"kek" | "name">,
  parts: { readonly clock: Clock; readonly random: Random; readonly tell: Tell },
): Promise<Credentials> {
  if (sources === undefined)
    throw new TypeError(
      "forwardCredentials: credentials are kept sealed, and there is no key to seal them with; give one (--kek file:PATH), or leave it out",
    );
  const [{ Keks }, { KekSealer }, { Credentials: Kept }] = await Promise.all([
    import("../encryption/keks.ts"),
    import("../encryption/kek-sealer.ts"),
    import("../proxy/credentials.ts"),
  ]);
  const keks = await Keks.read(sources, { environment: ownEnvironment(), clock: parts.clock });
  return new Kept({ ...parts, sealer: new KekSealer(keks, parts.random), service });
}
