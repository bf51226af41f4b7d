import { serviceError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Method } from "../../core/method.ts";
import type { ApiDescription } from "../../wire/discovery/description.ts";
import { discoveryDirectory, discoveryDocument } from "../../wire/discovery/document.ts";
import { openApiDocument } from "../../wire/openapi/document.ts";
import { CallParameters, type QueryParameter } from "./query.ts";
import type { RestRequest } from "./request.ts";

/** What the service says about itself, but for the address, which depends on who asks. */
export interface DiscoveryOptions extends Omit<ApiDescription, "rootUrl"> {
  readonly methods: ReadonlyMap<string, Method>;
  /** The address callers use, where it is not the one they send as Host. */
  readonly publicUrl: string | undefined;
}

/** Host and port as they may stand in a URL. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Makes a document of what the service says about itself. */
type DocumentMaker = (api: ApiDescription, methods: Iterable<Method>) => string;

/** Serves the discovery document, and the same as an OpenAPI document. @see contract section 5.3 */
export class Discovery {
  readonly #options: DiscoveryOptions;
  /** By what made them and the address they are made for. */
  readonly #documents = new Map<string, string>();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /**
   * The document as JSON. Clients call the `rootUrl` in it and not where they had it from (contract section 5.2).
   *
   * @throws {StatusError} NOT_FOUND PATH_NOT_FOUND for an API or a version that is not ours: clients then ask elsewhere
   */
  document(
    asked: { readonly api: string | undefined; readonly version: string | undefined },
    query: readonly QueryParameter[],
    request: RestRequest,
  ): string {
    const { name, version } = this.#options;
    const parameters = new CallParameters(query, asked.version === undefined ? ["version"] : []);
    const wantedVersion = asked.version ?? parameters.text("version") ?? version;
    if (wantedVersion !== version || (asked.api ?? name) !== name) {
      const wanted = `${asked.api ?? name}:${wantedVersion}`.slice(0, 200);
      throw serviceError("PATH_NOT_FOUND", `This server has no API "${wanted}", but "${name}:${version}".`, {
        metadata: { api: wanted },
      });
    }
    return this.#made(discoveryDocument, request);
  }

  /** The OpenAPI document as JSON. */
  openApi(query: readonly QueryParameter[], request: RestRequest): string {
    CallParameters.check(query, []);
    return this.#made(openApiDocument, request);
  }

  /** The directory as JSON. `name` and `preferred`, by which Google's can be searched, choose among our one API. */
  directory(query: readonly QueryParameter[], request: RestRequest): string {
    CallParameters.check(query, ["name", "preferred"]);
    return discoveryDirectory(this.#describe(request));
  }

  #made(make: DocumentMaker, request: RestRequest): string {
    const api = this.#describe(request);
    const key = `${make.name} ${api.rootUrl}`;
    const kept = this.#documents.get(key);
    if (kept !== undefined) return kept;
    const made = make(api, this.#options.methods.values());
    if (this.#documents.size >= LIMITS.discoveryDocumentsMax) this.#documents.clear();
    this.#documents.set(key, made);
    return made;
  }

  #describe(request: RestRequest): ApiDescription {
    const { name, version, title, revision, publicUrl } = this.#options;
    return { name, version, title, revision, rootUrl: publicUrl ?? rootUrlOf(request) };
  }
}

/** The address that the caller used; a Host that is none is passed over for the one we listen on. */
function rootUrlOf(request: RestRequest): string {
  const { host } = request.headers;
  return `http://${host !== undefined && HOST.test(host) ? host : request.localHost}/`;
}
