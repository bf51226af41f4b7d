import { once } from "node:events";
import { createServer } from "node:net";

/** Systems use higher ports for outgoing connections, and for servers that ask for any port. */
const [FIRST, COUNT] = [15_000, 17_000];
/**
 * The number of processes of a run that can ask for ports before two of them begin at the same one.
 */
const PER_PROCESS = 16;

let next = process.pid * PER_PROCESS;

/**
 * A free loopback port that the system gives to nobody by chance until the test listens there: for
 * a server that cannot choose one itself, or that restarts on the same port.
 */
export async function aPort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const isListening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  if (!isListening) return false;
  server.close();
  await once(server, "close");
  return true;
}
