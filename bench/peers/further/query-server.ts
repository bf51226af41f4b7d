import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import postgres from "postgres";

/**
 * The usual hand-written solution: one query for each request. Its argument: the address of the
 * database.
 */
const POOL = 20;
const sql = postgres(process.argv[2] ?? "", { max: POOL });

const server = createServer((request, response) => {
  answer(request.url ?? "", response).catch((error: unknown) => {
    response.writeHead(500);
    response.end(String(error));
  });
});

async function answer(path: string, response: ServerResponse): Promise<void> {
  const [row] = await sql<{ body: string }[]>`select body from answers where path = ${path}`;
  const body = row?.body ?? "";
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  response.writeHead(row === undefined ? 404 : 200, headers);
  response.end(body);
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", () => process.exit());
