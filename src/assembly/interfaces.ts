import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Authenticate } from "../core/ports/authenticate.ts";
import type { Authorizer } from "../core/ports/authorizer.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { Operations } from "../engine/operations.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import type { Engine } from "../engine/engine.ts";
import { AdminDoor } from "../server/admin/door.ts";
import { anonymously, type OnRefused, withSender } from "../server/authenticate.ts";
import { front, type HttpListener } from "../server/front.ts";
import { addServices, GrpcDoor } from "../server/grpc/door.ts";
import { ADMIN_SERVICE, servedShapes } from "../server/grpc/service-shapes.ts";
import type { Health } from "../server/probes/health.ts";
import { restEdge } from "../server/rest/edge.ts";
import { Shares } from "../server/sharing/shares.ts";
import { API_VERSION, operationView } from "../server/view.ts";
import type { OpenedAccess } from "./access.ts";
import { apiKeysOf } from "./api-keys.ts";
import { type AdminSetting, mountOf, mountOfListener } from "./admin.ts";
import { asListener, mounted } from "./mounting.ts";
import type { OpenedOperations } from "./opened-operations.ts";
import type { readOpenOptions } from "./options.ts";
import type { OpenedRpcs } from "./rpcs.ts";
import { stopsOf } from "./stops.ts";
import { version } from "./version.ts";
import type { OpenedWebhooks } from "./webhooks.ts";

/** The parts of the interfaces. */
export interface InterfacesParts extends OpenedRpcs {
  readonly engine: Engine;
  readonly store: Store;
  readonly health: Health;
  readonly notes: readonly string[];
  readonly settings: ReturnType<typeof readOpenOptions>;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  readonly access: OpenedAccess | undefined;
  readonly webhooks: Pick<OpenedWebhooks, "operators"> | undefined;
  readonly telemetry: Pick<Telemetry, "tracing"> | undefined;
  /** Whether anything currently needs the address of callers. Undefined for never. */
  readonly asksFrom: (() => boolean) | undefined;
  /** Records requests with invalid credentials. */
  readonly audit: { readonly refused: OnRefused } | undefined;
  /** Formats all metrics. Undefined if metrics are not exposed. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** A component before the interfaces of our server. @default none */
  readonly before?: Before | undefined;
}

/** A component before the interfaces of a server, such as a proxy. */
export interface Before {
  /** The path prefix of the interfaces, such as `.operations/`. */
  readonly mount: string;
  /** Answers all requests of the port. */
  listener(parts: BehindIt): HttpListener;
  /** Restricts permissions further. @default unchanged */
  narrow?(authorizer: Authorizer): Authorizer;
  /** Called with the store before anything runs. */
  opened?(store: Store): void;
  /** Ends its use of the store, before the store is closed. */
  closing?(): Promise<void>;
}

/** The parts to which it passes requests on. */
export interface BehindIt {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly shares: Shares;
  readonly tracing: Tracing | undefined;
  /** The interfaces. They see paths without the mount. */
  readonly service: HttpListener;
}

/** The interfaces of our own server. */
export interface ServedInterfaces extends Pick<OpenedOperations, "grpcStreams"> {
  /** Includes the operators' interface, if there is one. */
  listener(): HttpListener;
}

/** The interfaces of operations: for programs, and for our own server. */
export interface Interfaces {
  readonly programs: Pick<OpenedOperations, "addTo" | "grpcStreams" | "requestListener" | "adminListener">;
  readonly served: ServedInterfaces;
  /** The gRPC services of our own server. */
  readonly services: readonly string[];
}

/** Creates the interfaces. @param setting the operators' interface of our own server */
export function interfacesOf(parts: InterfacesParts, setting: AdminSetting): Interfaces {
  const { engine, settings, metrics, clock, random, tell, telemetry, rpcs, routes } = parts;
  const { operations, workers } = engine;
  const { name, title = name, publicUrl = "", cors, jsonp } = settings;
  const shares = new Shares(clock);
  const { authenticate: known = anonymously } = parts.access ?? {};
  const { audit } = parts;
  const onRefused: OnRefused | undefined = audit && ((...refusal) => audit.refused(...refusal));
  const { asksFrom } = parts;
  const authenticate = asksFrom === undefined ? known : withSender(known, onRefused, asksFrom);
  const edge = { name, authenticate, clock, random, tell, tracing: telemetry?.tracing };
  const grpc = { ...edge, workers, rpcs, shares };
  const at = { publicUrl: settings.publicUrl, mount: parts.before?.mount };
  const rest = { ...edge, ...at, workers, title, cors, jsonp, rpcs: routes };
  const { statistics } = settings;
  const has = { statistics, webhooks: parts.webhooks !== undefined };
  const facts = { version: version(), service: name, publicUrl, ...has };
  const webhooks = parts.webhooks?.operators(engine.attempts.records);
  const admin = engine.admin(facts, { apiKeys: apiKeysOf(parts), webhooks });
  const door = new AdminDoor({ ...edge, admin, view: operationView(operations) });
  const mount = setting.level === "off" ? undefined : mountOf(setting, authenticate);
  const operators = mount === undefined ? undefined : { admin, admit: mount.admit };
  const edgeOfRest = (): ReturnType<typeof restEdge> => restEdge(operations, rest);
  const stops = (page?: string) => stopsOf({ ...parts, name, version: API_VERSION, metrics, page });
  const shapes = [...servedShapes(rpcs), ...(operators === undefined ? [] : [ADMIN_SERVICE])];
  return {
    services: shapes.map(({ typeName }) => typeName),
    programs: {
      addTo: (server) => addServices(server, operations, grpc),
      grpcStreams: () => new GrpcDoor(operations, grpc),
      requestListener: (options) =>
        mounted(options, () => front({ stops: stops(), rest: edgeOfRest() }, shares)),
      adminListener: (options) =>
        asListener(front({ admin: door.at(mountOfListener(options, authenticate)) }, shares)),
    },
    served: {
      grpcStreams: () => new GrpcDoor(operations, { ...grpc, operators }),
      listener: () => {
        const service =
          mount === undefined
            ? front({ stops: stops(), rest: edgeOfRest() }, shares)
            : front({ stops: stops("admin/"), admin: door.at(mount), rest: edgeOfRest() }, shares);
        const behind = { operations, authenticate, shares, tracing: telemetry?.tracing, service };
        return parts.before?.listener(behind) ?? service;
      },
    },
  };
}
