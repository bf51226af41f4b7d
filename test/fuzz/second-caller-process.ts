import { Agent, get } from "node:http";

/**
 * A well-behaved caller in a process of its own: it reads one operation again and again, and waits for no answer before it asks
 * again, so that an answer which comes late hides no other. Its parent sends it the address to read, and then asks how long
 * the answers took.
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
      // A connection that rested may be closed by the server just when a request is on its way.
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
