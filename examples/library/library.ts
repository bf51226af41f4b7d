// In a project of yours these are: from "longrunning", from "longrunning/proto".
import { StatusError } from "../../src/index.ts";
import { applyUpdate, defineHandler } from "../../src/proto.ts";

const LIBRARY = "library.v1.Library";

interface Book {
  readonly name: string;
  readonly title: string;
  readonly author?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly updateTime?: Date;
}

/** Stands for a table. */
const books = new Map<string, Book>();

function bookOf(name: string): Book {
  const book = books.get(name);
  if (book !== undefined) return book;
  throw new StatusError("NOT_FOUND", `There is no book "${name}".`, {
    reason: "BOOK_NOT_FOUND",
    metadata: { name },
  });
}

function stored(book: Book): Book {
  const changed = { ...book, updateTime: new Date() };
  books.set(book.name, changed);
  return changed;
}

export const createBook = defineHandler<{ parent: string; bookId: string; book: Book }>(
  `${LIBRARY}.CreateBook`,
  {
    run({ parent, bookId, book }, { report }) {
      report({ progressPercent: 50 });
      return stored({ ...book, name: `${parent}/books/${bookId}` });
    },
  },
);

export const updateBook = defineHandler<{ book: Book }>(`${LIBRARY}.UpdateBook`, {
  // Changes the fields that the update mask of the request names (AIP-134).
  run: (request) => stored(applyUpdate(request, bookOf(request.book.name))),
});

export const getBook = defineHandler<{ name: string }>(`${LIBRARY}.GetBook`, {
  answer: ({ name }) => bookOf(name),
});
