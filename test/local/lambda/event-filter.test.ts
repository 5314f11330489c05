import { describe, expect, test } from 'vitest';
import { eventFilter } from '../../../local/lambda/event-filter.ts';

const record = {
  eventName: 'INSERT',
  dynamodb: { Keys: { pk: { S: 'EVENT#1' } }, NewImage: { tags: { SS: ['a', 'b'] } }, SizeBytes: 3 },
};

describe('a filter pattern', () => {
  test.each<[string, object, boolean]>([
    ['the same text', { eventName: ['INSERT'] }, true],
    ['another text', { eventName: ['REMOVE'] }, false],
    ['one of several texts', { eventName: ['REMOVE', 'INSERT'] }, true],
    ['a number', { dynamodb: { SizeBytes: [3] } }, true],
    ['a text that looks like the number', { dynamodb: { SizeBytes: ['3'] } }, false],
    ['a beginning', { dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } }, true],
    ['another beginning', { dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENTS' }] } } } }, false],
    ['both of two members', { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'X' }] } } } }, false],
    ['anything but others', { eventName: [{ 'anything-but': ['REMOVE'] }] }, true],
    ['anything but itself', { eventName: [{ 'anything-but': ['INSERT'] }] }, false],
    ['anything but, of what is absent', { nothing: [{ 'anything-but': ['INSERT'] }] }, false],
    ['what exists', { eventName: [{ exists: true }] }, true],
    ['what does not', { eventName: [{ exists: false }] }, false],
    ['what is absent', { userIdentity: { type: [{ exists: false }] } }, true],
    ['an object, which is no leaf', { dynamodb: [{ exists: true }] }, false],
    ['a member of a list', { dynamodb: { NewImage: { tags: { SS: ['b'] } } } }, true],
    ['no member of a list', { dynamodb: { NewImage: { tags: { SS: ['c'] } } } }, false],
    ['a member that is inherited', { toString: [{ exists: true }] }, false],
  ])('of %s', (_what, pattern, matches) => {
    expect(eventFilter(JSON.stringify(pattern))(record)).toBe(matches);
  });

  test.each([
    [{ eventName: [{ suffix: 'T' }] }, 'suffix'],
    [{ eventName: [{ 'equals-ignore-case': 'insert' }] }, 'equals-ignore-case'],
    [{ dynamodb: { SizeBytes: [{ numeric: ['>', 1] }] } }, 'numeric'],
    [{ $or: [{ eventName: ['INSERT'] }] }, '$or'],
    [{ eventName: 'INSERT' }, 'eventName'],
    [{ eventName: [] }, 'empty'],
  ])('%j is refused by name', (pattern, name) => {
    expect(() => eventFilter(JSON.stringify(pattern))).toThrow(name);
  });
});
