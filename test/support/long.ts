/**
 * Whether this is `npm run test:long`, in which tests with random or many cases run all of them.
 */
export const IS_LONG = process.env["TEST_LONG"] === "yes";
