import type { Form } from "../forms/form.ts";

/** Who runs the operations of a method. */
export type Run = "remote";

/** The member `run`. */
export const RUN: Form<Run> = {
  schema: {
    const: "remote",
    description: "Who runs the operations: remote, for workers that take them over the network.",
  },
  read: (entry) => {
    if (entry.value === "remote") return "remote";
    const isTarget = entry.value instanceof Map;
    entry.refuse(
      isTarget
        ? "methods that an address runs are declared in code; a file has those of workers: run: remote"
        : `expected remote, got ${entry.shown}`,
    );
    return undefined;
  },
};
