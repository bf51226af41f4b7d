import { render } from "preact";
import { App } from "./app.tsx";
import { startKeys } from "./state/keys.ts";
import { startClock } from "./state/clock.ts";

startClock();
startKeys();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
