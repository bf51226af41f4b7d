import { Agent, request as send } from "node:http";
import type { Answer, Call, Seen } from "./history.ts";

/** A caller gives up after this time, which is longer than any answer is allowed to take. */
const GIVE_UP_MS = 15_000;

/** The outcome of one HTTP request. */
export interface Exchange {
  readonly url: string;
  readonly verb: Call["verb"];
  readonly began: number;
  readonly ms: number;
  /** The HTTP status; 0 if the connection broke or no answer came. */
  readonly status: number;
  /** An answer that callers do not have to expect, or the reason why there was none. */
  readonly problem: string | undefined;
}

interface WireOperation {
  readonly name: string;
  readonly done?: boolean;
  readonly response?: { readonly value?: { readonly text?: string } };
  readonly error?: { readonly code: number };
  readonly metadata?: { readonly value?: { readonly attempt?: number } };
}

/** The parts of one HTTP request. */
export interface Ask {
  readonly url: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
}

/** Calls the API as a careful client does, and records every call and answer. */
export class Calls {
  readonly #agent = new Agent({ keepAlive: true });
  /** The calls and answers, for the checker. */
  readonly history: Call[] = [];
  /** Every request, for the figures. */
  readonly exchanges: Exchange[] = [];

  /** One call, with one request. */
  async call(call: Pick<Call, "verb" | "subject" | "text" | "key">, ask: Ask): Promise<Answer> {
    const began = performance.now();
    const reply = await this.#exchange(call.verb, ask);
    const answer = answerOf(reply, call.verb);
    this.history.push({ ...call, began, ended: performance.now(), answer });
    return answer;
  }

  /** One list, over all its pages; `unknown` if a page did not arrive. */
  async list(parent: string, pageSize: number, url: () => string): Promise<Answer> {
    const began = performance.now();
    const operations: Seen[] = [];
    let token = "";
    do {
      const query = `pageSize=${pageSize}&pageToken=${encodeURIComponent(token)}`;
      const ask = { url: url(), method: "GET", path: `v1/${parent}/operations?${query}` } as const;
      const { status, text } = await this.#exchange("list", ask);
      if (status !== 200) return { kind: "unknown" };
      const page = JSON.parse(text) as { operations?: readonly WireOperation[]; nextPageToken?: string };
      operations.push(...(page.operations ?? []).map((each) => seen(each, undefined)));
      token = page.nextPageToken ?? "";
    } while (token !== "");
    const answer = { kind: "list", operations } as const;
    this.history.push({ verb: "list", subject: parent, began, ended: performance.now(), answer });
    return answer;
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #exchange(verb: Call["verb"], ask: Ask): Promise<Reply> {
    const began = performance.now();
    let [reply, problem]: [Reply, string | undefined] = [{ status: 0, text: "", etag: undefined }, undefined];
    try {
      reply = await this.#send(ask);
      if (!EXPECTED.has(reply.status)) problem = `${reply.status} ${reply.text.slice(0, 300)}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const { status } = reply;
    this.exchanges.push({ url: ask.url, verb, began, ms: performance.now() - began, status, problem });
    return reply;
  }

  #send(ask: Ask): Promise<Reply> {
    const { url, method, path, body } = ask;
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      const sent = send(`${url}/${path}`, { agent: this.#agent, method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("error", reject);
        response.on("end", () => {
          clearTimeout(giveUp);
          resolve({ status: response.statusCode ?? 0, text, etag: response.headers.etag });
        });
      });
      const giveUp = setTimeout(() => {
        sent.destroy(new Error(`no answer to ${method} ${path} in ${GIVE_UP_MS} ms`));
      }, GIVE_UP_MS);
      sent.on("error", (error) => {
        clearTimeout(giveUp);
        reject(error);
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** OK, NOT_FOUND, ABORTED (to be retried) and UNAVAILABLE. */
const EXPECTED = new Set([200, 404, 409, 503]);

function answerOf({ status, text, etag }: Reply, verb: Call["verb"]): Answer {
  if (status === 404) return { kind: "missing" };
  if (status === 409 && text.includes("PARALLEL_LIMIT_REACHED")) return { kind: "refused" };
  if (status !== 200) return { kind: "unknown" };
  if (verb === "cancel" || verb === "delete") return { kind: "empty" };
  return { kind: "operation", operation: seen(JSON.parse(text) as WireOperation, etag) };
}

function seen(operation: WireOperation, etag: string | undefined): Seen {
  const { name, done = false, response, error, metadata } = operation;
  const text = response?.value?.text;
  const revision = etag === undefined ? undefined : Number(/\d+/.exec(etag)?.[0]);
  return {
    name,
    done,
    ...(done ? { outcome: JSON.stringify(response ?? error) } : {}),
    ...(text === undefined ? {} : { text }),
    ...(error === undefined ? {} : { errorCode: error.code }),
    attempt: metadata?.value?.attempt ?? 0,
    ...(revision === undefined ? {} : { revision }),
  };
}
