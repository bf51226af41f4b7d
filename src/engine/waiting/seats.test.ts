import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Seats } from "./seats.ts";

describe("Seats", () => {
  it("have a limit, and count the taken ones", () => {
    const seats = new Seats(2);
    seats.take(undefined);
    seats.take({});
    assert.equal(seats.taken, 2);
    assert.throws(() => seats.take(undefined), { reason: "TOO_MANY_WAITERS", message: /^2 of 2 places/ });
    seats.leave(undefined);
    assert.equal(seats.hasRoomFor(undefined), true);
  });

  it("are limited to an eighth of the free ones for one connection, which can take returned ones again", () => {
    const seats = new Seats(90);
    const [greedy, modest] = [{}, {}];
    let taken = 0;
    for (; seats.hasRoomFor(greedy); taken++) seats.take(greedy);
    assert.equal(taken, 10);
    assert.throws(() => seats.check(greedy), /10 of them over this connection/);
    seats.take(modest);
    seats.leave(greedy);
    seats.take(greedy);
    for (; taken > 0; taken--) seats.leave(greedy);
    seats.leave(modest);
    assert.equal(seats.taken, 0);
  });

  it("are limited for one principal to as many as stay free, over any number of connections", () => {
    const seats = new Seats(10);
    let taken = 0;
    for (; seats.hasRoomFor(undefined, "user:greedy"); taken++) seats.take({}, "user:greedy");
    assert.equal(taken, 5);
    seats.take({}, "user:modest");
    assert.equal(seats.hasRoomFor(undefined, "user:greedy"), false);
    seats.leave({}, "user:greedy");
    assert.equal(seats.hasRoomFor(undefined, "user:greedy"), true);
  });
});
