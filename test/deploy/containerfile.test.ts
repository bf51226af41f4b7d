import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { configOf, execForm, ignoredBy, stagesOf } from "./containerfile.ts";
import { ROOT, textOf } from "./files.ts";

suite("deploy/Containerfile", () => {
  const stages = stagesOf(textOf("Containerfile"));
  const [build, last] = stages;
  assert.ok(build !== undefined && last !== undefined);

  test("has a stage that installs, and a last one that only copies", () => {
    assert.deepEqual(
      stages.map(({ name }) => name),
      ["build", ""],
    );
    const copied = new Set(["COPY", "WORKDIR", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"]);
    for (const { name, flags } of last.instructions) {
      assert.ok(copied.has(name) || name === "ENTRYPOINT" || name === "CMD", name);
      if (name === "COPY") assert.equal(flags["from"], "build");
    }
    const copies = last.instructions.filter(({ name }) => name === "COPY").map(({ rest }) => rest);
    assert.deepEqual(
      copies.map((rest) => rest.split(" ")[0]),
      ["/usr/local/bin/node", "/usr/lib/*/libatomic.so.1*", "/app"],
    );
  });

  test("pins the images' versions, and uses the Node that this project is tested with", () => {
    for (const { base } of stages) assert.match(base, /^[a-z.]+\/[a-z-]+\/[a-z0-9-]+:[a-z0-9.-]+$/);
    const { devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const major = /^\d+/.exec(devDependencies["node"] ?? "")?.[0];
    assert.ok(build.base.startsWith(`docker.io/library/node:${major}-`), build.base);
    // Both are based on the same Debian: a program from one runs with the libraries of the other.
    assert.match(build.base, /-trixie-slim$/);
    assert.match(last.base, /-debian13:nonroot$/);
  });

  test("runs as a numeric user, without a shell, and stops on SIGTERM", () => {
    const config = configOf(last);
    assert.match(config.user, /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(config.stopSignal, "SIGTERM");
    assert.deepEqual(config.ports, ["8080"]);
    for (const words of [config.entrypoint, config.health.command]) {
      assert.equal(words[0], "/usr/local/bin/node");
    }
    assert.deepEqual(config.command, ["serve", "methods.ts"]);
    const { interval, timeout, retries } = config.health.flags;
    assert.deepEqual([interval, timeout, retries], ["15s", "3s", "3"]);
  });
});

suite("deploy/Containerfile.dockerignore", () => {
  const isIgnored = ignoredBy(textOf("Containerfile.dockerignore"));

  test("keeps secrets, tests and installed packages out of the image", () => {
    for (const path of [
      ".env",
      ".env.production",
      ".git/config",
      ".npmrc",
      "a/.npmrc",
      "node_modules/zod/index.js",
      "data/operations.db",
      "tls/server.key",
      "server.pem",
      "deploy/compose.yaml",
      "a/archive.test.ts",
    ]) {
      assert.ok(isIgnored(path), path);
    }
  });

  test("lets in the parts of the service", () => {
    for (const path of [
      "package.json",
      "package-lock.json",
      "methods.ts",
      "a/tree.ts",
      "api.binpb",
      "database.ts",
      "environment.ts",
    ]) {
      assert.ok(!isIgnored(path), path);
    }
  });
});

suite("stagesOf()", () => {
  test("joins lines, leaves comments out, and reads flags", () => {
    const [stage] = stagesOf(
      "# a\nFROM a:1 AS one\nENV A=1 \\\n# between\n    B=2\nCOPY --from=x --chmod=755 a b\n",
    );
    assert.deepEqual(stage, {
      base: "a:1",
      name: "one",
      instructions: [
        { name: "ENV", flags: {}, rest: "A=1 B=2" },
        { name: "COPY", flags: { from: "x", chmod: "755" }, rest: "a b" },
      ],
    });
    assert.ok(stage !== undefined);
    assert.deepEqual(configOf(stage).environment, { A: "1", B: "2" });
  });

  test("refuses unknown instructions, and words for a shell", () => {
    assert.throws(() => stagesOf("RUN a"), /No instruction of a stage/);
    assert.throws(() => stagesOf("FROM a\nwhat"), /No instruction/);
    assert.throws(() => execForm('"node main.js"'), /Not the exec form/);
  });
});
