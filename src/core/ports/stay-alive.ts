/**
 * Keeps the process running until the returned function is called, as a listening socket would. Our
 * timers do not, so Node would end a process that only waits for its database.
 */
export function stayAlive(): () => void {
  const { port1 } = new MessageChannel();
  // Only a port with a listener keeps the process running.
  port1.addEventListener("message", () => {});
  port1.start();
  return () => port1.close();
}
