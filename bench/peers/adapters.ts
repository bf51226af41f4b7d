import type { Adapter } from "./peer.ts";
import { PEERS } from "./peers.ts";

/** The adapter of a peer, by its name. */
export function adapterOf(name: string): Adapter {
  const adapter = PEERS.find((peer) => peer.name === name)?.adapter;
  if (adapter === undefined) throw new Error(`No peer with an adapter is called ${name}`);
  return adapter;
}
