import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { pathsOf, textOf } from "./files.ts";
import { parseUnit, settingOf, unitOf } from "./units.ts";

const MIGRATE = "longrunning-migrate.service";
const SERVED = ["longrunning-api.service", "longrunning-worker@.service"];
const ALL = [MIGRATE, ...SERVED];

/** The peculiarities of a unit. */
const OWN = new Set(
  "Type ExecStart Environment Restart RestartSec RestartPreventExitStatus SuccessExitStatus RemainAfterExit KillMode KillSignal TimeoutStopSec".split(
    " ",
  ),
);

function hardeningOf(name: string): Readonly<Record<string, unknown>> {
  const settings = Object.entries(unitOf(name)["Service"] ?? {});
  return Object.fromEntries(settings.filter(([key]) => !OWN.has(key)));
}

suite("deploy/systemd", () => {
  test("has exactly these units", () => {
    const found = pathsOf("systemd/*.service").map((path) => path.slice("systemd/".length));
    assert.deepEqual(found.toSorted(), ALL.toSorted());
  });

  test("services begin after the migration, and are not given up if it fails at first", () => {
    for (const name of SERVED) {
      const unit = unitOf(name);
      for (const key of ["Wants", "After"])
        assert.ok(settingOf(unit, "Unit", key).split(" ").includes(MIGRATE), name);
      assert.equal(settingOf(unit, "Unit", "Requires"), "", name);
    }
    assert.equal(settingOf(unitOf(MIGRATE), "Service", "Type"), "oneshot");
    assert.equal(settingOf(unitOf(MIGRATE), "Service", "RemainAfterExit"), "yes");
  });

  test("SIGTERM goes only to the main process, and its remaining children are killed", () => {
    for (const name of SERVED) {
      const unit = unitOf(name);
      assert.equal(settingOf(unit, "Service", "Type"), "exec", name);
      assert.equal(settingOf(unit, "Service", "KillSignal"), "SIGTERM", name);
      assert.equal(settingOf(unit, "Service", "KillMode"), "mixed", name);
      assert.equal(settingOf(unit, "Service", "Restart"), "on-failure", name);
      assert.equal(settingOf(unit, "Service", "RestartPreventExitStatus"), "2", name);
    }
  });

  test("all are hardened in the same way", () => {
    for (const name of SERVED) assert.deepEqual(hardeningOf(name), hardeningOf(MIGRATE), name);
  });

  test("the users and folders in them are created", () => {
    const unit = unitOf(MIGRATE);
    const user = settingOf(unit, "Service", "User");
    assert.match(textOf("systemd/sysusers.d/longrunning.conf"), new RegExp(`^u\\s+${user}\\s`, "m"));
    const file = settingOf(unit, "Service", "EnvironmentFile");
    const made = textOf("systemd/tmpfiles.d/longrunning.conf");
    assert.match(made, new RegExp(`^z\\s+${file}\\s+0640\\s+root\\s+${user}\\s`, "m"));
    assert.match(
      made,
      new RegExp(`^d\\s+${file.replace(/\/[^/]*$/, "")}\\s+0750\\s+root\\s+${user}\\s`, "m"),
    );
  });
});

suite("parseUnit()", () => {
  test("keeps every value of a setting, and refuses other lines", () => {
    assert.deepEqual(parseUnit("# a\n[Unit]\nA=1\nA=2=3\n\n[Service]\nB=\n"), {
      Unit: { A: ["1", "2=3"] },
      Service: { B: [""] },
    });
    assert.throws(() => parseUnit("A=1"), /No line of a unit: A=1/);
    assert.throws(() => parseUnit("[Unit]\nwhat"), /No line of a unit: what/);
  });
});
