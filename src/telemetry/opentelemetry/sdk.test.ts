import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { loadSdk } from "./sdk.ts";

test("loadSdk() names all missing packages, and the command that installs them", async () => {
  const missing = new Set(["@opentelemetry/sdk-metrics", "@opentelemetry/exporter-trace-otlp-http"]);
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (!missing.has(specifier)) return next(specifier, context);
      const error = new Error(`Cannot find package '${specifier}'`);
      throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
    },
  });
  try {
    await assert.rejects(loadSdk("http/json", undefined), {
      name: "TypeError",
      message:
        "Exporting by OTLP needs packages that are not installed; install them: npm install @opentelemetry/sdk-metrics @opentelemetry/exporter-trace-otlp-http",
    });
  } finally {
    hooks.deregister();
  }
});

test("loadSdk() makes an exporter for each exported signal", async () => {
  const both = await loadSdk("http/protobuf", "http/protobuf");
  assert.ok(both.spanExporter !== undefined && both.metricExporter !== undefined);
  const none = await loadSdk(undefined, undefined);
  assert.deepEqual([none.spanExporter, none.metricExporter], [undefined, undefined]);
});
