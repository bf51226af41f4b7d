import { openStore } from "../store/open.ts";
import { storeSuite } from "../store/store.suite.ts";
import { aKek, answers, encrypted } from "./encrypted.suite.ts";

storeSuite({
  name: "SQLite in memory, encrypted",
  ownsTime: true,
  seals: { answers },
  open: async (clock) => encrypted(await openStore("sqlite::memory:", { clock }), { clock, keks: [aKek(1)] }),
});
