import { Agent, get } from "node:http";

/**
 * A well-behaved caller in a process of its own. It reads one operation repeatedly, without waiting
 * for earlier answers, so that a late answer does not hide another. Its parent sends it the address
 * to read, and later asks for the delays of the answers.
 */
const INTERVAL_MS = 10;
const agent = new Agent({ keepAlive: true });
let delays: number[] = [];
const underWay = new Set<Promise<void>>();

function poll(url: string): Promise<void> {
  const began = performance.now();
  const note = (): void => void delays.push(performance.now() - began);
  return new Promise((resolve) => {
    const request = get(url, { agent }, (response) => {
      if (response.statusCode !== 200) process.send?.({ problem: `status ${response.statusCode}` });
      response.on("end", () => (note(), resolve())).resume();
    });
    request.on("error", (error) => {
      // The server may close an idle connection just as a request is sent.
      if (!request.reusedSocket) process.send?.({ problem: error.message });
      resolve();
    });
  });
}

async function tellDelays(): Promise<void> {
  await Promise.all(underWay);
  process.send?.({ delays });
  delays = [];
}

process.on("message", (message: string) => {
  if (message === "delays") {
    void tellDelays();
    return;
  }
  setInterval(() => {
    const polled = poll(message);
    underWay.add(polled);
    void polled.finally(() => underWay.delete(polled));
  }, INTERVAL_MS);
});
process.on("disconnect", () => process.exit());
