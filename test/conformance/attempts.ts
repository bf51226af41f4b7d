import { z } from "zod";
import { defineMethod, openOperations } from "../../src/index.ts";

/**
 * A process that begins an operation, prints its name, and never ends it. Its argument: the address
 * of the store.
 */
const [, , store = ""] = process.argv;

const pack = defineMethod({
  name: "pack",
  request: z.object({ how: z.string() }),
  run: (_, { name }) => {
    process.stdout.write(`${name} ${process.pid}\n`);
    return new Promise<void>(() => {});
  },
});

const operations = await openOperations({ methods: [pack], store });
await operations.start(pack, { how: "answers" });
