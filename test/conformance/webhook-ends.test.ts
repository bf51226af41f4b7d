import { aMigratedAddress } from "../../src/store/postgres/a-database.suite.ts";
import { toldEndsSuite } from "../../src/webhooks/told-ends.suite.ts";

toldEndsSuite("PostgreSQL", aMigratedAddress);
