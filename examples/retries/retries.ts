import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations, OperationError, StatusError } from "../../src/index.ts";

/** The caller's mistake: another attempt would end the same way. */
class AddressUnknown extends StatusError {
  constructor(address: string) {
    super("NOT_FOUND", `There is no address "${address}".`, {
      reason: "ADDRESS_UNKNOWN",
      metadata: { address },
    });
  }
}

const sendParcel = defineMethod({
  name: "sendParcel",
  request: z.object({ address: z.string() }),
  response: z.object({ trackingNumber: z.string() }),
  // Four attempts in total; the delay between them doubles. A real service begins with a second or more.
  retry: { attempts: 4, initialDelay: "20ms" },
  run({ address }, { attempt }) {
    console.log(`${address}: attempt ${attempt}`);
    if (address === "Atlantis") throw new AddressUnknown(address);
    // UNAVAILABLE leads to another attempt, and so does every error that is not a StatusError.
    if (attempt === 1) throw new StatusError("UNAVAILABLE", "The carrier does not answer.");
    if (attempt === 2) throw new Error("The carrier's answer is cut off.");
    return { trackingNumber: "P-1815" };
  },
});

const operations = await openOperations({ methods: [sendParcel], store: "sqlite::memory:" });

const { trackingNumber } = await operations.result(await operations.start(sendParcel, { address: "London" }));
console.log(`London: ${trackingNumber}`);

try {
  await operations.result(await operations.start(sendParcel, { address: "Atlantis" }));
} catch (error) {
  if (!(error instanceof OperationError)) throw error;
  console.log(`Atlantis: ${error.code} ${error.reason}: ${error.message}`);
}

await operations.stop();
