import { describe, expect, it } from 'vitest';
import type { RequestedRight } from '../../../src/entities/integration.ts';
import { rightChanges, rightEvents, rightNews } from '../../../src/entities/right-change.ts';

const right = (state: RequestedRight['state'], comment?: string): RequestedRight => ({
  ...{ state, requestedBy: 'usr_asker' },
  ...(comment !== undefined && { comment }),
});
const row = (project: string, rights: Record<string, RequestedRight>) => ({
  ...{ tenant: 'ten_1', clientId: 'int_1', project, rights, version: 1 },
});

const before = { rights: { 'a:read': right('pending'), 'b:read': right('granted'), 'c:read': right('declined') } };
const after = {
  rights: { 'a:read': right('granted', 'Agreed.'), 'c:read': right('declined'), 'd:read': right('pending') },
};
const projects = [
  { after: row('NEW', { 'a:read': right('pending') }) },
  { before: row('PRJ', { 'a:read': right('granted') }), after: row('PRJ', { 'a:read': right('revoked') }) },
  { before: row('OLD', { 'a:read': right('pending'), 'b:read': right('granted') }) },
];
const changes = rightChanges(before, after, projects);

describe('what became of rights', () => {
  it('is told once for all that came to the same state, with each context', () => {
    const requested_by = 'usr_asker';
    const global = { context: 'global', requested_by };
    const inProject = (project: string) => ({ right: 'a:read', context: { project }, requested_by });
    expect(rightEvents(changes)).toEqual([
      {
        action: 'right.granted',
        changes: { rights: [{ ...global, right: 'a:read', from: 'pending', to: 'granted' }], comment: 'Agreed.' },
      },
      {
        action: 'right.withdrawn',
        changes: {
          rights: [
            { ...global, right: 'b:read', from: 'granted' },
            { ...inProject('OLD'), from: 'pending' },
            { ...inProject('OLD'), right: 'b:read', from: 'granted' },
          ],
        },
      },
      {
        action: 'right.requested',
        changes: {
          rights: [
            { ...global, right: 'd:read', to: 'pending' },
            { ...inProject('NEW'), to: 'pending' },
          ],
        },
      },
      { action: 'right.revoked', changes: { rights: [{ ...inProject('PRJ'), from: 'granted', to: 'revoked' }] } },
    ]);
  });

  it('is news to the app where it may do more or less than before', () => {
    expect(rightNews(changes)).toEqual([
      { type: 'right.authorized', data: { rights: [{ right: 'a:read', context: 'global' }] } },
      {
        type: 'right.revoked',
        data: {
          rights: [
            { right: 'b:read', context: 'global' },
            { right: 'a:read', context: { project: 'PRJ' } },
            { right: 'b:read', context: { project: 'OLD' } },
          ],
        },
      },
    ]);
    const declined = rightChanges(
      { rights: { 'a:read': right('pending') } },
      { rights: { 'a:read': right('declined') } },
    );
    expect(rightNews(declined).map(({ type }) => type)).toEqual(['right.declined']);
  });

  it('is nothing where every state stays', () => {
    expect(rightChanges(before, before)).toEqual([]);
    expect(rightEvents([])).toEqual([]);
    expect(rightNews([])).toEqual([]);
  });
});
