import { render } from "preact";
import { App } from "./app.tsx";
import { startKeys } from "./state/keys.ts";
import { startClock } from "./state/clock.ts";

startClock();
startKeys();
// In a task of its own: on a slow machine, loading the script alone keeps the browser busy.
setTimeout(() => {
  const root = document.getElementById("app");
  if (root !== null) render(<App />, root);
});
