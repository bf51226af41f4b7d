import { defineHandler } from "../../src/proto.ts";

/** Ends at once with what it was given, as `report` does, but declared by report.proto. */
export const makeReport = defineHandler<{ readonly report: object }>(
  "longrunning.bench.v1.Reports.MakeReport",
  { run: ({ report }) => report },
);
