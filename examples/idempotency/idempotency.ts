import { z } from "zod";
// In a project of yours these are: from "longrunning", from "longrunning/client".
import { createClient } from "../../src/client/index.ts";
import { defineMethod, serve, StatusError } from "../../src/index.ts";

const charges: string[] = [];

const chargeOrder = defineMethod({
  name: "chargeOrder",
  request: z.object({ order: z.string(), cents: z.int() }),
  response: z.object({ receipt: z.string() }),
  run({ order, cents }) {
    charges.push(`${order} ${cents}`);
    return { receipt: `receipt of ${order}` };
  },
});

const served = await serve({ methods: [chargeOrder], store: "sqlite::memory:", port: 0 });
const client = createClient(served.url);

// The caller chooses the request id: its own id of the work, or a random UUID that it keeps until it has the answer.
const requestId = "charge-of-order-7";
const first = await client.start(chargeOrder, { order: "7", cents: 1_500 }, { requestId });

// The answer is lost, and the caller repeats the start: during the operation, or after it.
const second = await client.start(chargeOrder, { order: "7", cents: 1_500 }, { requestId });
console.log(`The same operation: ${first.name === second.name}`);
console.log(await client.result(second));
const third = await client.start(chargeOrder, { order: "7", cents: 1_500 }, { requestId });
console.log(`The same operation, already done: ${first.name === third.name && third.done}`);
console.log(`Charges: ${charges.length}`);

// A request id belongs to one request. Reusing it for another request is an error of the caller.
const error: unknown = await client
  .start(chargeOrder, { order: "7", cents: 9_900 }, { requestId })
  .catch((thrown: unknown) => thrown);
if (!(error instanceof StatusError)) throw error;
console.log(`${error.code} ${error.reason}`);

await served.stop();
