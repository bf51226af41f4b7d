import express, { type ErrorRequestHandler } from "express";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, httpStatusOfError, openOperations, StatusError } from "../../src/index.ts";

const makeReport = defineMethod({
  name: "makeReport",
  request: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/, "expected a month such as 2026-05") }),
  response: z.object({ title: z.string() }),
  run: ({ month }) => ({ title: `Report of ${month}` }),
});

export const operations = await openOperations({ methods: [makeReport], store: "sqlite::memory:" });
export const app = express();

app.get("/", (_request, response) => void response.send("A shop.\n"));

// A route of the app starts an operation, and returns the address of its state.
app.post("/customers/:customer/reports", express.json(), async ({ params, body, headers }, response) => {
  const operation = await operations.start(makeReport, body, {
    parent: `customers/${params.customer}`,
    requestId: headers["idempotency-key"]?.toString(),
  });
  response.status(202).location(`/v1/${operation.name}`).json({ name: operation.name });
});

// The service handles everything else: get, list, wait for, watch, cancel and delete operations.
app.use(operations.requestListener());

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof StatusError)) return next(error);
  response.status(httpStatusOfError(error)).json({ error: { status: error.code, message: error.message } });
};
app.use(answerError);

if (import.meta.main) {
  const server = app.listen(3000, "127.0.0.1", () => console.log("Listening on http://127.0.0.1:3000"));
  process.once("SIGTERM", () => {
    server.close();
    void operations.stop().then(() => server.closeIdleConnections());
  });
}
