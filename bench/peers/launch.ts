import { fileURLToPath } from "node:url";
import { type Calls, type Running, type Stage, TEXT } from "./peer.ts";
import { startProcess } from "./process.ts";

const FRONT = fileURLToPath(new URL("./front.ts", import.meta.url));
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** The requests that the server in front of a peer understands. */
const CALLS: Calls = {
  start: { path: "/start", body: JSON.stringify({ text: TEXT }) },
  wait: (started) => ({ path: `/wait/${(JSON.parse(started) as { readonly name: string }).name}` }),
};

/** Starts the two halves of an adapter, each in a process of its own. @param name of the peer */
export async function launchAdapter(name: string, { store }: Stage): Promise<Running> {
  const words = [name, store.address];
  const program = process.execPath;
  const front = await startProcess({ program, words: [FRONT, ...words], ready: /http:\/\/[\d.:]+/ });
  const url = /http:\/\/[\d.:]+/.exec(front.printed)?.[0] ?? "";
  try {
    const worker = await startProcess({ program, words: [WORKER, ...words], ready: /^Working$/m });
    const stop = async (): Promise<void> => {
      await Promise.all([front.stop(), worker.stop()]);
    };
    return { urls: [url], calls: CALLS, pids: [front.pid, worker.pid], stop };
  } catch (error) {
    await front.stop();
    throw error;
  }
}
