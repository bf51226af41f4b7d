import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env["TARGET_SECRET"] ?? "");

/** Counts the words of texts, for clients that know the secret. */
export const target = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = (status: number, body: object): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const fail = (status: number, code: string, message: string): void =>
    answer(status, { error: { code: status, status: code, message } });
  const body = await textOf(request);
  if (!isSigned(body, request)) return fail(401, "UNAUTHENTICATED", "The signature is wrong.");
  const { text } = JSON.parse(body) as { readonly text: string };
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return fail(400, "INVALID_ARGUMENT", "The text has no words.");
  return answer(200, { words: words.length, longest: words.reduce((a, b) => (b.length > a.length ? b : a)) });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > 1_000_000) throw new RangeError("too large");
  }
  return Buffer.concat(chunks).toString();
}

function isSigned(body: string, { headers }: IncomingMessage): boolean {
  try {
    webhook.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) target.listen(3000, "127.0.0.1");
