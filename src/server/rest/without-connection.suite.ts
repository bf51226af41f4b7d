import { ANONYMOUS } from "../../core/caller.ts";
import type { RestRequest } from "./request.ts";

/** The parts of a request that concern its connection, for test requests without one. */
export const withoutConnection: Pick<
  RestRequest,
  "socket" | "mount" | "contentEncoding" | "caller" | "waiting" | "long" | "page" | "nextTurn"
> = {
  socket: undefined,
  mount: "",
  contentEncoding: undefined,
  caller: () => ANONYMOUS,
  waiting: () =>
    Object.assign(new AbortController().signal, {
      connection: {},
      stepAside: () => {},
      stepBack: () => Promise.resolve(),
    }),
  long: (work) => work(),
  page: (work) => work(),
  nextTurn: () => Promise.resolve(),
};
