import { describe, expect, it, vi } from 'vitest';
import type { Received } from '../../endpoint-receiver.ts';
import { eventRow, later, minute, stream } from './delivery-scene.ts';
import { toldApp } from './told-app.ts';

const { scene, receiver, app } = toldApp();

describe('nothing is lost, invented or out of order of its object', () => {
  /** The same numbers from 0 to 1 in each run. */
  const randomFrom = (seed: number) => {
    let state = seed;
    return () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
  };
  const objects = ['PRJ-1', 'PRJ-2', 'PRJ-3'];
  const inOrder = Array.from({ length: 8 }, (_, index) => index + 1);
  const rowsOf = () => objects.flatMap((object) => inOrder.map((sequence) => eventRow(app(), sequence, { object })));
  /** What the receiver took, object by object, each event where it came first. */
  const taken = (accepted: readonly Received[]) =>
    objects.map((object) => [
      ...new Set(accepted.filter(({ event }) => event.object === object).map(({ event }) => event.sequence)),
    ]);
  /** A receiver that takes three of ten. */
  const unsteady = (random: () => number) => {
    const accepted: Received[] = [];
    receiver().answer = (received) => {
      if (random() >= 0.3) return random() < 0.5 ? 500 : 'cut';
      accepted.push(received);
      return 200;
    };
    return accepted;
  };

  it.each([1, 7, 42])('whatever the receiver does, and however often the stream tells (%d)', async (seed) => {
    const random = randomFrom(seed);
    const accepted = unsteady(random);
    const rows = rowsOf();
    for (let from = 0; from < rows.length; from += 5) {
      const batch = rows.slice(from, from + 5);
      await stream(batch);
      if (random() < 0.5) await stream(batch);
    }
    for (let run = 0; run < 200 && accepted.length < rows.length; run++) {
      later(random() * 4_000_000);
      await minute();
    }
    expect(accepted).toHaveLength(rows.length);
    expect(taken(accepted)).toEqual(objects.map(() => inOrder));
  });

  it.each([3, 11])('whatever fails on our side, at whatever call a run is cut off (%d)', async (seed) => {
    const random = randomFrom(seed);
    const accepted = unsteady(() => Math.max(0, random() - 0.4));
    vi.spyOn(scene().embedded, 'refuses').mockImplementation(() => random() < 0.15);
    const rows = rowsOf();
    const waiting = [...rows];
    for (let round = 0; round < 300; round++) {
      const batch = waiting.slice(0, 5);
      // As the stream does: all of it again where the answer is an error, else from the first that is reported on.
      const answer = await stream(batch).catch(() => undefined);
      const failed = answer?.batchItemFailures[0]?.itemIdentifier;
      if (answer !== undefined && failed === undefined) waiting.splice(0, batch.length);
      later(random() * 300_000);
      await minute().catch(() => undefined);
      if (new Set(accepted.map(({ event }) => event.id)).size === rows.length) break;
    }
    vi.restoreAllMocks();
    expect(taken(accepted)).toEqual(objects.map(() => inOrder));
    expect(new Set(accepted.map(({ headers }) => headers['latchkey-event-id']))).toEqual(
      new Set(rows.map(({ id }) => id)),
    );
  });
});
