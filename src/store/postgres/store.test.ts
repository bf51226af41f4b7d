import { storeSuite } from "../store.suite.ts";
import { aMigratedAddress } from "./a-database.suite.ts";
import { aSubject } from "./a-subject.suite.ts";

storeSuite(aSubject({ name: "PostgreSQL", address: await aMigratedAddress(), listRuns: 60 }));
