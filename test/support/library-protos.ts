import type { DescMethodUnary, DescService } from "@bufbuild/protobuf";
import { descriptorsOf, serviceOf } from "./descriptors.ts";

/** A service with a rule of each kind that `google.api.http` knows. */
const LIBRARY_PROTO = `
syntax = "proto3";
package library.v1;

import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
import "google/longrunning/operations.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

// Books on shelves.
service Library {
  // Gets a book.
  rpc GetBook(GetBookRequest) returns (Book) {
    option (google.api.http) = {
      get: "/v1/{name=shelves/*/books/*}"
      additional_bindings { get: "/v1beta1/{name=shelves/*/books/*}" }
      additional_bindings { get: "/v1/isbn/{isbn}" }
    };
  }
  rpc ListBooks(ListBooksRequest) returns (ListBooksResponse) {
    option (google.api.http) = { get: "/v1/{parent=shelves/*}/books" };
  }
  rpc CreateBook(CreateBookRequest) returns (Book) {
    option (google.api.http) = { post: "/v1/{parent=shelves/*}/books" body: "book" };
  }
  rpc UpdateBook(UpdateBookRequest) returns (Book) {
    option (google.api.http) = {
      patch: "/v1/{book.name=shelves/*/books/*}"
      body: "book"
      additional_bindings { put: "/v1/{book.name=shelves/*/books/*}" body: "*" }
    };
  }
  rpc DeleteBook(GetBookRequest) returns (google.protobuf.Empty) {
    option (google.api.http) = { delete: "/v1/{name=shelves/*/books/*}" };
  }
  // Scans a book,
  // page by page.
  rpc ScanBook(ScanBookRequest) returns (google.longrunning.Operation) {
    option (google.api.http) = { post: "/v1/{name=shelves/*/books/*}:scan" body: "*" };
    option (google.longrunning.operation_info) = { response_type: "Book" metadata_type: "ScanBookRequest" };
  }
  rpc PurgeShelf(GetBookRequest) returns (google.protobuf.Empty) {
    option (google.api.http) = { post: "/v1/{name=shelves/*}:purge" };
  }
  rpc ListPages(ListPagesRequest) returns (ListPagesResponse) {
    option (google.api.http) = {
      get: "/v1/shelves/{shelf}/editions/{edition}/pages"
      response_body: "pages"
    };
  }
  rpc GetCover(GetBookRequest) returns (Book) {
    option (google.api.http) = { get: "/v1/{name=shelves/*/books/*}/cover" response_body: "author" };
  }
  rpc GetFile(GetBookRequest) returns (Book) {
    option (google.api.http) = { get: "/v1/{name=files/**}" };
  }
  rpc LockBook(GetBookRequest) returns (Book) {
    option (google.api.http) = { custom { kind: "LOCK" path: "/v1/{name=shelves/*/books/*}" } };
  }
  rpc PeekBook(GetBookRequest) returns (Book);
}

message GetBookRequest {
  // The name of the book.
  string name = 1;
  string isbn = 2;
}

// A book.
message Book {
  // How it is bound.
  enum Binding {
    BINDING_UNSPECIFIED = 0;
    // With boards.
    HARDCOVER = 1;
    PAPERBACK = 2;
  }
  string name = 1;
  // Its title.
  string title = 2;
  Author author = 3;
  Binding binding = 4;
  int32 page_count = 5;
  int64 copies = 6;
  bool lent = 7;
  bytes digest = 8;
  double weight = 9;
  repeated string tags = 10;
  map<string, string> labels = 11;
  google.protobuf.Timestamp create_time = 12 [(google.api.field_behavior) = OUTPUT_ONLY];
  google.protobuf.Duration loan = 13;
  google.protobuf.Struct extras = 14;
  google.protobuf.Any note = 15;
  repeated Book sequels = 16;
  google.protobuf.Int64Value price = 17;
  google.protobuf.StringValue motto = 18;
  map<string, Author> translators = 19;
  uint32 old_count = 20 [deprecated = true];
  oneof place { string room = 21; string desk = 22; }
  repeated Binding bindings = 23;
}

message Author {
  string given_name = 1;
  string family_name = 2;
  Author teacher = 3;
}

message ListBooksRequest {
  string parent = 1;
  int32 page_size = 2;
  string page_token = 3;
  // Only books like this.
  Book like = 4;
  repeated int64 ids = 5;
  google.protobuf.FieldMask read_mask = 6;
  UpdateBookRequest change = 7;
  repeated google.protobuf.FieldMask masks = 8;
}

message ListBooksResponse {
  repeated Book books = 1;
  string next_page_token = 2;
}

message CreateBookRequest {
  string parent = 1;
  Book book = 2;
  string book_id = 3;
  bool validate_only = 4;
}

message UpdateBookRequest {
  Book book = 1;
  google.protobuf.FieldMask update_mask = 2;
}

message ScanBookRequest {
  string name = 1;
  int32 pages = 2;
}

message ListPagesRequest {
  string shelf = 1;
  int32 edition = 2;
}

message ListPagesResponse {
  repeated string pages = 1;
}
`;

/** Its descriptors, compiled anew. */
export function libraryService(): DescService {
  return serviceOf(descriptorsOf(LIBRARY_PROTO), "library.v1.Library");
}

/** The unary methods of a service. */
export function unaryMethods(service: DescService): readonly DescMethodUnary[] {
  return service.methods.filter((method): method is DescMethodUnary => method.methodKind === "unary");
}

/** A method of a service by its name. */
export function methodOf(service: DescService, name: string): DescMethodUnary {
  const method = unaryMethods(service).find((each) => each.name === name);
  if (method === undefined) throw new TypeError(`${service.typeName} has no unary method ${name}`);
  return method;
}
