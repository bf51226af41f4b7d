import { once } from "node:events";
import { createServer } from "node:net";

/** Systems give higher ports to connections, and to servers that ask for any. */
const [FIRST, COUNT] = [15_000, 17_000];
/** So many processes of a run ask for ports before two of them begin at the same one. */
const PER_PROCESS = 16;

let next = process.pid * PER_PROCESS;

/**
 * A port of loopback that nobody listens on, and that nobody is given by chance until the test listens there: for a server that
 * cannot choose one itself, or that comes again.
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
