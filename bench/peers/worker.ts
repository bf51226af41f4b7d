import { adapterOf } from "./adapters.ts";

/** The worker of a peer. Its arguments: the peer, and the address of the store. */
const [name = "", address = ""] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit());
await adapterOf(name).work(address);
process.stdout.write("Working\n");
