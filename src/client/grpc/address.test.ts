import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { grpcAddress, isGrpcAddress } from "./address.ts";

suite("grpcAddress()", () => {
  const cases: [string, string, boolean, boolean][] = [
    ["grpc://127.0.0.1:8080", "dns:127.0.0.1:8080", false, true],
    ["GRPC://localhost:8080/", "dns:localhost:8080", false, true],
    ["grpc://[::1]:8080", "dns:[::1]:8080", false, true],
    ["grpc://host", "dns:host:80", false, false],
    ["grpcs://operations.example.com", "dns:operations.example.com:443", true, false],
  ];
  for (const [written, target, secure, local] of cases) {
    test(`reads ${written}`, () => {
      const address = grpcAddress(written);
      assert.deepEqual([address.target, address.secure, address.local], [target, secure, local]);
    });
  }

  test("refuses an invalid address, and says what a valid one is", () => {
    for (const written of [
      "grpc://",
      "grpc:host",
      "grpc://host:1/v1",
      "grpc://u:p@host:1",
      "grpc://host:99999",
    ])
      assert.throws(() => grpcAddress(written), {
        name: "TypeError",
        message: /^Server: expected an address/,
      });
    for (const written of ["grpcs://127.0.0.1:1", "grpcs://[::1]:1"])
      assert.throws(() => grpcAddress(written), {
        name: "TypeError",
        message: /expected the name of the host/,
      });
  });
});

test("isGrpcAddress() checks the scheme", () => {
  assert.deepEqual(["grpc://a", "GRPCS://a", "http://grpc:1", "grpcx://a"].map(isGrpcAddress), [
    true,
    true,
    false,
    false,
  ]);
});
