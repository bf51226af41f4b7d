/** Whether this is `npm run test:long`, in which tests that draw or walk through many cases go through all of theirs. */
export const IS_LONG = process.env["TEST_LONG"] === "yes";
