import type { Mutant } from "./mutant.ts";

/** Faults of `src/proxy`. */
export const PROXY: readonly Mutant[] = [
  {
    id: "credentials-are-kept",
    file: "src/proxy/starting.ts",
    find: "all.filter(([name]) => !isCredential(name))",
    replace: 'all.filter(([name]) => !isCredential(name + "x"))',
    fault: "Tokens and cookies of callers stand in the store.",
  },
  {
    id: "credentials-outlive-the-operation",
    file: "src/proxy/credentials.ts",
    find: 'state === "PENDING" || state === "RUNNING"',
    replace: "state !== null",
    fault: "Credentials stay in the store for up to a minute after the end.",
  },
  {
    id: "credentials-of-another-operation",
    file: "src/proxy/credentials.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of the source
    find: "return `${this.#parts.service}|${name}|credentials`;",
    replace: "return this.#parts.service;",
    fault: "Credentials that were moved to another operation open there.",
  },
  {
    id: "key-of-everybody",
    file: "src/proxy/starting.ts",
    find: "JSON.stringify([principal, tenant, method, path, key])",
    replace: "JSON.stringify([tenant, method, path, key])",
    fault: "A caller gets the operation of another who used the same key.",
  },
  {
    id: "other-body-under-a-key",
    file: "src/proxy/starting.ts",
    find: "target === asked.target && body === asked.body",
    replace: "target === asked.target",
    fault: "Another body under a key of before is answered as if it had been sent.",
  },
  {
    id: "post-sent-twice",
    file: "src/proxy/sending.ts",
    find: "if (isOnce && context.attempt > 1) throw answerLost();",
    replace: "if (isOnce && context.attempt > 2) throw answerLost();",
    fault: "A POST without a key is sent again after a crash.",
  },
  {
    id: "connection-names-nothing",
    file: "src/proxy/headers.ts",
    find: "!HOP_BY_HOP.has(key) && !named.has(key)",
    replace: "!HOP_BY_HOP.has(key)",
    fault: "Headers of one connection reach the upstream.",
  },
  {
    id: "truncated-answer-looks-whole",
    file: "src/proxy/passing.ts",
    find: 'incoming.on("error", () => response.destroy());',
    replace: 'incoming.on("error", () => response.end());',
    fault: "An answer that the upstream cut ends at the caller as if it were whole.",
  },
  {
    id: "caller-gone-upstream-goes-on",
    file: "src/proxy/passing.ts",
    find: "if (!response.writableFinished || !request.complete) outgoing.destroy();",
    replace: "if (!request.complete) outgoing.destroy();",
    fault: "The upstream works on for callers who are gone.",
  },
  {
    id: "tunnel-for-any-host",
    file: "src/proxy/tunnels.ts",
    find: "headRefusal(request, allowedHosts) ?? passing.enter(socket)",
    replace: "passing.enter(socket)",
    fault: "A page opens a WebSocket under a name of its own.",
  },
];
