import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { openStore } from "../open.ts";
import { storeSuite } from "../store.suite.ts";

storeSuite({
  name: "SQLite in memory",
  ownsTime: true,
  open: (clock) => openStore("sqlite::memory:", { clock }),
});

const folder = mkdtempSync(join(tmpdir(), "longrunning-store-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

storeSuite({
  name: "SQLite on disk",
  ownsTime: true,
  open: (clock) => openStore(`sqlite:${join(folder, `${++files}.db`)}`, { clock }),
  reopen: (clock) => openStore(`sqlite:${join(folder, `${files}.db`)}`, { clock }),
});
