import { runTogether } from "../support/together.ts";

runTogether(import.meta.filename);
