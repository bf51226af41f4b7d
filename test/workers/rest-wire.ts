import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Call, Entry, Fate, Gateway, Proof, Verb } from "./gateway.ts";

/** The gateway for workers that use REST. */

interface Json {
  readonly [name: string]: unknown;
}

/** A wire of the gateway. */
export interface Wire extends AsyncDisposable {
  /** The address for workers: `http://127.0.0.1:40123`, or `127.0.0.1:40123` for gRPC. */
  readonly address: string;
  /** Breaks every connection, as a killed server does. */
  cut(): void;
}

export async function openRestWire(gateway: Gateway, server: string): Promise<Wire> {
  const sockets = new Set<Socket>();
  const listener = createServer((request, response) => void carry(gateway, server, request, response));
  listener.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      const closed = once(listener, "close");
      listener.close();
      cut();
      await closed;
    },
  };
}

async function carry(
  gateway: Gateway,
  server: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const url = request.url ?? "";
    const { call, fate } = gateway.take(callOf(url, JSON.parse(text) as Json));
    if (fate === "hang") return;
    if (typeof fate === "string" && fate !== "pass" && fate !== "lose") return refuse(response, fate);
    const controller = new AbortController();
    // A worker that has given up on the answer must not keep the server waiting either.
    response.once("close", () => controller.abort());
    const headers = { "content-type": "application/json" };
    const answered = await fetch(server + url, {
      method: "POST",
      body: text,
      headers,
      signal: controller.signal,
    });
    const body = (await answered.json()) as Json;
    if (answered.ok) gateway.answered(call, answerOf(url, body));
    if (fate === "lose") return void response.destroy();
    if (typeof fate === "number") await delay(fate);
    response.writeHead(answered.status, headers).end(JSON.stringify(body));
  } catch {
    response.destroy();
  }
}

const STATUS: Readonly<Record<Exclude<Fate, number | "pass" | "lose" | "hang">, number>> = {
  UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
};

function refuse(response: ServerResponse, status: keyof typeof STATUS): void {
  const error = { code: STATUS[status], status, message: `The gateway says ${status}.` };
  response.writeHead(STATUS[status], { "content-type": "application/json" }).end(JSON.stringify({ error }));
}

const LISTS = {
  renew: "renewals",
  complete: "completions",
  fail: "failures",
  release: "attempts",
} as const;

/** @param url such as `/v1/operations:renew`, or `/v1/operations/x:renew` for a single operation */
function callOf(url: string, body: Json): Omit<Call, "at"> {
  const [path = "", word = ""] = url.replace(/\?.*/, "").split(":");
  const verb = word as Verb;
  const { methods = [], limit = 1, timeout = "0s" } = body as Partial<Record<string, never>>;
  const common = { verb, methods, limit, waitMs: secondsOf(timeout) };
  if (verb === "claim") return { ...common, entries: [] };
  const name = path.replace(/^\/v1\//, "");
  if (name !== "operations") {
    const { attempt, token, ...rest } = body;
    const proof = { name, attempt: attempt as number, token: token as string };
    return { ...common, entries: [entryOf(verb, proof, rest)] };
  }
  const list = body[LISTS[verb]] as readonly Json[];
  const entries = list.map((each) => {
    if (verb === "release") return entryOf(verb, each as unknown as Proof, {});
    const { attempt, ...rest } = each;
    return entryOf(verb, attempt as Proof, rest);
  });
  return { ...common, entries };
}

function entryOf(verb: Verb, proof: Proof, rest: Json): Entry {
  const { name, attempt, token } = proof;
  return {
    proof: { name, attempt, token },
    text: `${verb} ${JSON.stringify(rest)}`,
    metadata: rest["metadata"],
  };
}

function secondsOf(duration: string): number {
  return Number.parseFloat(duration) * 1_000;
}

function answerOf(url: string, body: Json): Answer {
  const { claims = [], answers = [] } = body as { claims?: Json[]; answers?: Json[] };
  const renewals = url.endsWith(":renew") ? ("held" in body ? [body] : answers) : [];
  return {
    claims: claims.map((claim) => ({
      proof: claim["attempt"] as Proof,
      url: (claim["request"] as { url: string }).url,
      failedAttempts: Number(claim["failedAttempts"] ?? 0),
      setCancelRequested: () => void Object.assign(claim, { cancelRequested: true }),
    })),
    renewals: renewals.map((renewal) => ({
      held: renewal["held"] === true,
    })),
  };
}
