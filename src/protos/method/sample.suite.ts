import type { DescMessage, DescMethodUnary, FileRegistry } from "@bufbuild/protobuf";
import { descriptorsOf } from "../../../test/support/descriptors.ts";

/** A service with everything that methods read. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/field_behavior.proto";
  import "google/longrunning/operations.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/timestamp.proto";
  service Library {
    rpc CreateBook(CreateBookRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = { response_type: "Book" metadata_type: "test.v1.Progress" };
    }
    rpc BurnBook(GetBookRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = { response_type: "google.protobuf.Empty" metadata_type: "Progress" };
    }
    rpc HideBook(GetBookRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = { response_type: "Book" metadata_type: "google.protobuf.Empty" };
    }
    rpc LoseBook(GetBookRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = { response_type: "Nowhere" metadata_type: "Progress" };
    }
    rpc GetBook(GetBookRequest) returns (Book);
    rpc ReadBooks(GetBookRequest) returns (stream Book);
  }
  message Book {
    string name = 1;
    string title = 2 [(google.api.field_behavior) = REQUIRED];
    repeated Page pages = 3;
    map<string, Page> marked = 4;
    int64 words = 5;
    google.protobuf.Any extra = 6;
    oneof cover { Page front = 7; string color = 8; }
  }
  message Page { string text = 1 [(google.api.field_behavior) = REQUIRED]; }
  message CreateBookRequest {
    string parent = 1 [(google.api.field_behavior) = REQUIRED];
    Book book = 2 [(google.api.field_behavior) = REQUIRED];
    string request_id = 3;
    bool validate_only = 4;
  }
  message GetBookRequest { string name = 1; }
  message Progress {
    google.protobuf.Timestamp create_time = 1;
    google.protobuf.Timestamp end_time = 2;
    string target = 3;
    string verb = 4;
    bool cancel_requested = 5;
    int32 state = 6;
    google.protobuf.Duration poll_interval = 7;
    int32 percent = 8;
    int32 priority = 9;
    google.protobuf.Timestamp schedule_time = 10;
    string status_detail = 11;
  }`;

/** The service `test.v1.Library`. */
export interface Library {
  readonly registry: FileRegistry;
  /** @param name such as `CreateBook` */
  rpc(this: void, name: string): DescMethodUnary;
  /** @param name such as `Book` */
  message(this: void, name: string): DescMessage;
}

/** Compiles the service. */
export function library(): Library {
  const registry = descriptorsOf(PROTO);
  return {
    registry,
    rpc: (name) => {
      const found = registry.getService("test.v1.Library")?.methods.find((rpc) => rpc.name === name);
      if (found === undefined) throw new TypeError(`No RPC ${name}`);
      return found as DescMethodUnary;
    },
    message: (name) => {
      const found = registry.getMessage(`test.v1.${name}`);
      if (found === undefined) throw new TypeError(`No message ${name}`);
      return found;
    },
  };
}
