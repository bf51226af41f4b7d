import type { Clock } from "../../core/ports/clock.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method/method.ts";
import type { DocumentText } from "../../describe/document-text.ts";
import type { ApiDescription } from "../../describe/discovery/description.ts";
import { discoveryDirectory, discoveryDocument } from "../../describe/discovery/document.ts";
import type { RpcDescriber } from "../../describe/discovery/rpc-describer.ts";
import { openApiDocument } from "../../describe/openapi/document.ts";
import type { Answer } from "./reply.ts";
import { CallParameters, type QueryParameter } from "./query.ts";
import type { RestRequest } from "./request.ts";

/** The service's description, without the address, which depends on the caller. */
export interface DiscoveryOptions extends Omit<ApiDescription, "rootUrl" | "version"> {
  /** Such as `v1`; the preferred version comes first. */
  readonly versions: readonly [string, ...string[]];
  readonly methods: ReadonlyMap<string, Method>;
  /** Describes methods that have HTTP bindings. */
  readonly rpcs?: RpcDescriber | undefined;
  /** The address for callers, if it is not the one that they send as Host. */
  readonly publicUrl: string | undefined;
  /** The path prefix of the interface, such as `.operations/`. @default none */
  readonly mount?: string | undefined;
  readonly clock: Clock;
}

/** A valid host and port for a URL. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Makes a document from the service's description. */
type DocumentMaker = (
  api: ApiDescription,
  methods: Iterable<Method>,
  rpcs?: RpcDescriber,
) => Generator<undefined, DocumentText>;

/**
 * Serves the discovery document, and the same content as an OpenAPI document. @see contract section
 * 5.3
 */
export class Discovery {
  readonly #options: DiscoveryOptions;
  /** By maker, version and address. */
  readonly #documents = new Map<string, Promise<DocumentText>>();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /**
   * The document as JSON. Clients call the document's `rootUrl`, not the address that they got the
   * document from (contract section 5.2).
   *
   * @throws {StatusError} NOT_FOUND PATH_NOT_FOUND for an unknown API or version: clients then try
   * another address
   */
  async document(
    asked: { readonly api: string | undefined; readonly version: string | undefined },
    query: readonly QueryParameter[],
    request: RestRequest,
  ): Promise<Answer> {
    const { name, versions } = this.#options;
    const parameters = new CallParameters(query, asked.version === undefined ? ["version"] : []);
    const version = asked.version ?? parameters.text("version") ?? versions[0];
    if (!versions.includes(version) || (asked.api ?? name) !== name)
      throw this.#noSuchApi(asked.api, version);
    return this.#made(discoveryDocument, version, request);
  }

  #noSuchApi(api: string | undefined, version: string): Error {
    const { name, versions } = this.#options;
    const wanted = `${api ?? name}:${version}`.slice(0, 200);
    const known = versions.map((each) => `"${name}:${each}"`).join(", ");
    return serviceError("PATH_NOT_FOUND", `This server has no API "${wanted}", but ${known}.`, {
      metadata: { api: wanted },
    });
  }

  /** The OpenAPI document of a version as JSON. @throws {StatusError} as {@link document} does */
  async openApi(query: readonly QueryParameter[], request: RestRequest): Promise<Answer> {
    const { versions } = this.#options;
    const version = new CallParameters(query, ["version"]).text("version") ?? versions[0];
    if (!versions.includes(version)) throw this.#noSuchApi(undefined, version);
    return this.#made(openApiDocument, version, request);
  }

  /**
   * The directory as JSON. `name` and `preferred`, the filters of Google's directory, select among
   * our single API.
   */
  directory(query: readonly QueryParameter[], request: RestRequest): string {
    CallParameters.check(query, ["name", "preferred"]);
    const { versions } = this.#options;
    return discoveryDirectory(this.#describe(versions[0], request), versions);
  }

  /** Concurrent requests get the same document, which is made once. */
  async #made(make: DocumentMaker, version: string, request: RestRequest): Promise<Answer> {
    const api = this.#describe(version, request);
    const key = `${make.name} ${version} ${api.rootUrl}`;
    let made = this.#documents.get(key);
    if (made === undefined) {
      const { methods, rpcs } = this.#options;
      made = this.#inTurns(make(api, methods.values(), rpcs));
      if (this.#documents.size >= LIMITS.discoveryDocumentsMax) this.#documents.clear();
      this.#documents.set(key, made);
      made.catch(() => this.#documents.delete(key));
    }
    const { compact, indented } = await made;
    return { json: compact, indented };
  }

  /** Runs the steps, and yields the event loop whenever it was held for a while. */
  async #inTurns<Result>(steps: Generator<undefined, Result>): Promise<Result> {
    const { clock } = this.#options;
    for (let began = clock.monotonic(); ; ) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (clock.monotonic() - began < LIMITS.describingTurnMs) continue;
      await new Promise<void>((resolve) => clock.soon(resolve));
      began = clock.monotonic();
    }
  }

  #describe(version: string, request: RestRequest): ApiDescription {
    const { name, title, revision } = this.#options;
    return { name, version, title, revision, rootUrl: this.rootUrl(request) };
  }

  /** The address for callers, with a final slash. */
  rootUrl(request: RestRequest): string {
    const { publicUrl, mount = "" } = this.#options;
    return `${publicUrl ?? `${rootUrlOf(request)}${request.mount}`}${mount}`;
  }
}

/** The address that the caller used; if its Host is invalid, the address on which we listen. */
function rootUrlOf(request: RestRequest): string {
  const { host } = request.headers;
  const scheme = request.isSecure ? "https" : "http";
  const asked = host !== undefined && HOST.test(host) ? `${scheme}://${host}/` : "";
  // Some texts look like a host but are invalid: 1.2.3.4.5, a port of 99999.
  return URL.canParse(asked) ? asked : `${scheme}://${request.localHost}/`;
}
