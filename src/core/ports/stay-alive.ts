/**
 * Keeps the process running until the answer is called, as a socket that listens would. Our timers do not, and a process that
 * only waits for its database to come back has nothing else: Node would end it.
 */
export function stayAlive(): () => void {
  const { port1 } = new MessageChannel();
  // A port that somebody listens to counts.
  port1.addEventListener("message", () => {});
  port1.start();
  return () => port1.close();
}
