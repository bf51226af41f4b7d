import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { adapterOf } from "./adapters.ts";

/**
 * The server in front of a peer without a server of its own: `POST /start` starts an operation and
 * answers with its name; `GET /wait/NAME` answers with the result as soon as it is known.
 * Arguments: the peer, and the address of the store.
 */
const [name = "", address = ""] = process.argv.slice(2);
const front = await adapterOf(name).front(address);
const WAIT = "/wait/";

const server = createServer((request, response) => {
  answer(request)
    .then((body) => send(response, 200, body))
    .catch((error: unknown) => send(response, 500, { error: String(error) }));
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", () => process.exit());

async function answer(request: IncomingMessage): Promise<unknown> {
  const { url = "" } = request;
  if (url.startsWith(WAIT)) return { result: await front.result(url.slice(WAIT.length)) };
  const { text } = JSON.parse(await bodyOf(request)) as { readonly text: string };
  return { name: await front.start(text) };
}

function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  response.writeHead(status, headers);
  response.end(text);
}
