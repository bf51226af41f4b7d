import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env["WEBHOOK_SECRET"] ?? "");

export const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  try {
    const event = webhook.verify(body, request.headers as Record<string, string>) as { type: string };
    console.log(event.type);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});
