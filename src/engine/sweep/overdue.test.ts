import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { aMigratedAddress } from "../../store/postgres/a-database.suite.ts";
import { overdueSuite, restartTest } from "./overdue.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-sweep-"));
after(() => rmSync(folder, { recursive: true, force: true }));

overdueSuite("SQLite", async () => "sqlite::memory:");
restartTest("SQLite", async () => `sqlite:${join(folder, "operations.db")}`);
overdueSuite("PostgreSQL", aMigratedAddress);
