import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { checkOptionNames, shownOption } from "../core/value/options.ts";
import type { HttpListener } from "../server/front.ts";
import { below } from "../server/mount.ts";

/** A listener for the requests of a server of `node:http` or `node:http2`. */
export type NodeListener = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** The options of `requestListener`. */
export interface RequestListenerOptions {
  /**
   * The path below which the service is, with a slash at both ends, such as `/tools/`. Set it where
   * the server passes whole paths on (`node:http`, Fastify, Hono), and leave it out where the
   * framework removes the prefix itself (Express).
   *
   * @default "/"
   */
  readonly path?: string;
}

/** A listener for programs. @throws {TypeError} naming the invalid option */
export function mounted(
  options: RequestListenerOptions | undefined,
  listener: () => HttpListener,
): NodeListener {
  if (options === undefined) return asListener(listener());
  checkOptionNames("requestListener", options, ["path"], { example: '{ path: "/tools/" }' });
  const { path = "/" } = options;
  checkPath("requestListener: path", path);
  return asListener(path === "/" ? listener() : below(path, listener()));
}

/** Node gives requests of HTTP/2 the interface of those of HTTP/1.1, but not their type. */
export function asListener(listener: HttpListener): NodeListener {
  return listener as NodeListener;
}

/** A path below which a program serves. @throws {TypeError} naming the option */
export function checkPath(option: string, path: unknown): asserts path is string {
  if (typeof path === "string" && /^\/(?:[^?#]*\/)?$/.test(path)) return;
  throw new TypeError(
    `${option}: expected a path with a slash at both ends, such as "/admin/", got ${shownOption(path)}`,
  );
}
