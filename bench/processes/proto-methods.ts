import { defineHandler } from "../../src/proto.ts";

/** Ends at once with its request as the response, like `report`, but declared by report.proto. */
export const makeReport = defineHandler<{ readonly report: object }>(
  "longrunning.bench.v1.Reports.MakeReport",
  { run: ({ report }) => report },
);
