import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { BareAnswer } from "./child.ts";

/** The peer: only `node:http`. Its argument describes the answer. */
const { headers, body, parses, delayMs } = JSON.parse(process.argv[2] ?? "") as BareAnswer;

const server = createServer((request, response) => {
  const answer = (): void => {
    response.writeHead(200, headers);
    response.end(body);
  };
  if (delayMs !== undefined) setTimeout(answer, delayMs);
  else if (parses) whenParsed(request, answer);
  else answer();
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", () => process.exit());

function whenParsed(request: IncomingMessage, then: () => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString("utf8"));
    then();
  });
}
