import type { IncomingMessage } from "node:http";
import type { Admin } from "../../engine/admin/admin.ts";
import type { Tell } from "../../core/events.ts";
import { kept } from "../../core/kept.ts";
import type { Random } from "../../core/ports/random.ts";
import { HTTP_FOUND } from "../../wire/code.ts";
import { errorReply, encodedReply, type Reply, sendReply } from "../rest/reply.ts";
import type { OperationView } from "../../wire/operation.ts";
import type { Exchange } from "../front.ts";
import { prefersGzip } from "../rest/compression.ts";
import { isGone } from "../rest/request.ts";
import { splitTarget } from "../target.ts";
import type { AdminEdge, Admission } from "./edge.ts";
import type { PageFiles } from "./files.ts";
import { pageWayRefusal } from "./way.ts";

/** The parts of the operators' interface. */
export interface AdminDoorParts {
  readonly admin: Admin;
  readonly view: OperationView;
  /** The `domain` of errors. */
  readonly name: string;
  readonly random: Random;
  readonly tell: Tell;
}

/** The path of the operators' interface, and the rules of admission. */
export interface AdminMount extends Admission {
  /** The first part of request paths, as they arrive here. It begins and ends with a slash. */
  readonly path: string;
}

/** Answers requests for operators. @returns whether the request was one */
export type AdminTake = (exchange: Exchange) => boolean;

/**
 * The page can only load its own files and call this server, and no other page may frame it.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;
const API_HEADERS = { ...HEADERS, "cache-control": "no-store" } as const;

/** The path of the service in its proto, wherever it is mounted. */
const API = "v1/";

/**
 * The entry point of this room: the operators' page and their service. The rest of the room is
 * loaded when the first operator comes.
 */
export class AdminDoor {
  readonly #parts: AdminDoorParts;
  readonly #edge = kept(() => this.#loadEdge());
  readonly #files = kept(async (): Promise<PageFiles> => (await import("./files.ts")).PageFiles.read());

  constructor(parts: AdminDoorParts) {
    this.#parts = parts;
  }

  /** Answers requests below a path. */
  at(mount: AdminMount): AdminTake {
    const bare = mount.path.slice(0, -1);
    return (exchange) => {
      const [path, query] = splitTarget(exchange.request.url ?? "/");
      if (path !== bare && !path.startsWith(mount.path)) return false;
      const local = path === bare ? undefined : path.slice(mount.path.length);
      const { request, response, share } = exchange;
      share.begin(response, () => {
        const isApi = local?.startsWith(API) === true;
        const reply = isApi
          ? this.#api(exchange, { path: `/admin/${local}`, query }, mount)
          : this.#page(request, local, mount);
        void this.#send(exchange, reply, isApi ? API_HEADERS : HEADERS);
      });
      return true;
    };
  }

  async #api(
    exchange: Exchange,
    target: { readonly path: string; readonly query: string },
    admission: Admission,
  ): Promise<Reply> {
    return (await this.#edge()).answer(exchange, target, admission);
  }

  async #loadEdge(): Promise<AdminEdge> {
    const { admin, view, name: domain, random, tell } = this.#parts;
    const { AdminEdge } = await import("./edge.ts");
    return new AdminEdge({ admin, view, domain, random, tell });
  }

  /**
   * @param local the name of a file; empty for the page, undefined if the final slash is missing
   */
  async #page(request: IncomingMessage, local: string | undefined, mount: AdminMount): Promise<Reply> {
    const refusal = pageWayRefusal(request.headers, mount.ways);
    if (refusal !== undefined) return errorReply(refusal, { format: 2, domain: this.#parts.name });
    const shown = shownPath(request);
    // Relative, so that it works behind a proxy that strips any prefix.
    if (local === undefined || (local === "" && !shown.endsWith("/"))) {
      const location = `${shown.slice(shown.lastIndexOf("/") + 1)}/`;
      return { status: HTTP_FOUND, headers: { location }, body: "" };
    }
    return (await this.#files()).answer(local, request);
  }

  /** Never rejects. */
  async #send(
    { request, response }: Exchange,
    made: Promise<Reply>,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    try {
      const reply = await made;
      const isEncoded = reply.headers["content-encoding"] !== undefined;
      const gzips = !isEncoded && prefersGzip(request.headers["accept-encoding"]);
      const encoded = isEncoded ? reply : await encodedReply(reply, gzips);
      if (!isGone(response)) sendReply(response, encoded, headers);
    } catch (error) {
      this.#parts.tell["answer.failed"]?.({ error });
      response.destroy();
    }
  }
}

/** The path as the browser sees it, including the part that a framework has stripped. */
function shownPath(request: IncomingMessage): string {
  const { originalUrl = request.url } = request as { readonly originalUrl?: unknown; readonly url?: string };
  return typeof originalUrl === "string" ? (originalUrl.split("?")[0] ?? "/") : "/";
}
