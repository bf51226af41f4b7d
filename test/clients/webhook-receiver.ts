import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env["WEBHOOK_SECRET"] ?? "");

export const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    try {
      const body = Buffer.concat(chunks);
      const event = webhook.verify(body, request.headers as Record<string, string>) as { type: string };
      console.log(event.type);
      response.writeHead(204).end();
    } catch {
      response.writeHead(401).end();
    }
  });
});
