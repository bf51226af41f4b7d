import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy in front of a service that strips a prefix, as reverse proxies do. */
export interface Proxy extends AsyncDisposable {
  /** With the prefix and a slash at the end. */
  readonly url: string;
  /** The requested paths. */
  readonly seen: string[];
}

/**
 * @param target the address of the service, called for each request
 * @param prefix such as `/a/b/c`; empty for none
 */
export async function startProxy(target: () => string, prefix: string): Promise<Proxy> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (!path.startsWith(`${prefix}/`)) return void response.writeHead(404).end();
    seen.push(path.slice(prefix.length));
    const onward = send(target() + path.slice(prefix.length), {
      method: request.method ?? "GET",
      headers: request.headers,
    });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}/`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
