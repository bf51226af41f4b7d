import type { Worker } from "node:worker_threads";

/**
 * Calls a listener with each message that the code of a thread sends.
 *
 * Under `node --watch`, Node sends messages of its own over the same channel: each thread reports
 * the modules that it loads, as `{ "watch:import": […] }`. They are left out.
 */
export function onMessage(worker: Worker, listen: (message: never) => void): void {
  worker.on("message", (message: unknown) => {
    if (!isOfNode(message)) listen(message as never);
  });
}

/**
 * The first message that the code of a thread sends. Rejects with the thread's error, or if the
 * thread ends without a message.
 */
export function firstMessage(worker: Worker): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  onMessage(worker, resolve);
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`The thread ended with code ${code}, without a message`)));
  return promise;
}

function isOfNode(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  return "watch:import" in message || "watch:require" in message;
}
