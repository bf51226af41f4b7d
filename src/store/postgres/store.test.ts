import { IS_LONG } from "../../../test/support/long.ts";
import { storeSuite } from "../store.suite.ts";
import { aMigratedAddress } from "./a-database.suite.ts";
import { aSubject } from "./a-subject.suite.ts";

const listRuns = IS_LONG ? 60 : 25;
storeSuite(aSubject({ name: "PostgreSQL", address: await aMigratedAddress(), listRuns }));
