import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineHandler } from "./descriptors.ts";
import { defineMethod } from "./define.ts";
import { library } from "./sample.suite.ts";

const { rpc, message } = library();
const response = message("Book");
const metadata = message("Progress");
const run = (): Record<string, unknown> => ({});
const name = "test.v1.Library.CreateBook";

function refused(declare: () => unknown, expected: RegExp): void {
  assert.throws(declare, (error) => error instanceof TypeError && expected.test(error.message));
}

describe("options of RPCs", () => {
  const create = rpc("CreateBook");

  it("are checked when they are declared", () => {
    const good = { response, metadata, run };
    refused(
      () => defineMethod(create, { ...good, timeout: "1h" } as never),
      /CreateBook: .*did you mean "deadline"/,
    );
    refused(
      () => defineMethod(create, { response, metadata } as never),
      /CreateBook: run: expected a function/,
    );
    refused(() => defineMethod(create, { ...good, parent: "p" } as never), /CreateBook: parent: .*, got "p"/);
    refused(() => defineMethod(create, { ...good, target: "p" } as never), /target: expected a function/);
    refused(
      () => defineMethod(create, { ...good, response: "Book" } as never),
      /response: .* a message.*got "Book"/,
    );
    refused(
      () => defineMethod(create, { ...good, retry: { max: 3 } } as never),
      /retry: .*did you mean "attempts"/,
    );
    refused(
      () => defineMethod(rpc("GetBook"), { answer: "no" } as never),
      /GetBook: answer: expected a function/,
    );
    refused(() => defineMethod(rpc("GetBook"), { answer: run, retry: {} } as never), /no option "retry"/);
    refused(
      () => defineMethod("CreateBook" as never, good as never),
      /expected the descriptor of an RPC, .*"CreateBook"/,
    );
    refused(() => defineMethod(create, undefined as never), /expected an object such as \{ run \}/);
  });

  it("of handlers are also checked, before their descriptors are known", () => {
    refused(
      () => defineHandler(name, { run, timeout: "1h" } as never),
      /CreateBook: .*did you mean "deadline"/,
    );
    refused(() => defineHandler(name, {} as never), /CreateBook: run: expected a function/);
    refused(() => defineHandler(name, { run, response } as never), /no option "response"/);
    refused(() => defineHandler(5 as never, { run }), /expected the full name of an RPC, .*, got 5/);
  });

  it("of handlers have parent, target and parallel, typed by the request", () => {
    interface Request {
      readonly parent: string;
      readonly book: { readonly name: string };
    }
    defineHandler<Request>(name, {
      parent: ({ parent }) => parent,
      target: ({ book }) => book.name,
      parallel: { key: ({ book }) => book.name, when: "queue" },
      run: ({ book }) => ({ name: book.name }),
    });
    defineHandler<Request>(name, {
      // @ts-expect-error the request has no such field
      target: ({ shelf }) => String(shelf),
      run,
    });
    defineHandler<Request>("test.v1.Library.GetBook", {
      answer: (_request, { signal }) => ({ name: String(signal.aborted) }),
    });
  });
});
