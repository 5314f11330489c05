import type { Integration, RequestedRight } from './integration.ts';
import type { OutgoingEventType } from './outgoing-event.ts';
import type { ProjectRightsChange } from './project-rights.ts';
import type { RequestedRights } from './requested-rights.ts';

/** Where a right is asked for. */
export type RightContext = 'global' | { readonly project: string };

/** A requested right whose state changed; absent before it was asked for, and after it was withdrawn. */
export interface RightChange {
  readonly right: string;
  readonly context: RightContext;
  readonly from?: RequestedRight | undefined;
  readonly to?: RequestedRight | undefined;
}

type Before = Pick<Integration, 'rights'> | undefined;

/** What a change of an integration, and of its rights in single projects, comes to; in the global context first. */
export function rightChanges(
  before: Before,
  after: Pick<Integration, 'rights'>,
  projects: readonly ProjectRightsChange[] = [],
): readonly RightChange[] {
  return [
    ...changesIn('global', before?.rights ?? {}, after.rights),
    ...projects.flatMap((change) =>
      changesIn(
        { project: (change.after ?? change.before)?.project ?? '' },
        change.before?.rights ?? {},
        change.after?.rights ?? {},
      ),
    ),
  ];
}

function changesIn(context: RightContext, before: RequestedRights, after: RequestedRights): RightChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((right) => ({ right, context, from: before[right], to: after[right] }))
    .filter(({ from, to }) => from?.state !== to?.state);
}

/** What an audit event is told of a change of rights; one event for all that came to the same state. */
interface Told {
  readonly action: string;
  readonly changes: Readonly<Record<string, unknown>>;
}

/** The audit events of changes of rights, each of them naming every right, its context, and its state before and after. */
export function rightEvents(changes: readonly RightChange[]): readonly Told[] {
  const states = [...new Set(changes.map(({ to }) => to?.state))];
  return states.map((state) => {
    const ofState = changes.filter(({ to }) => to?.state === state);
    const comment = ofState.find(({ to }) => to?.comment !== undefined)?.to?.comment;
    return {
      action: actions[state ?? 'withdrawn'],
      changes: { rights: ofState.map(shownChange), ...(comment !== undefined && { comment }) },
    };
  });
}

const actions = {
  pending: 'right.requested',
  granted: 'right.granted',
  declined: 'right.declined',
  revoked: 'right.revoked',
  withdrawn: 'right.withdrawn',
} as const;

function shownChange({ right, context, from, to }: RightChange) {
  const requestedBy = (to ?? from)?.requestedBy;
  return {
    ...{ right, context },
    ...(from && { from: from.state }),
    ...(to && { to: to.state }),
    ...(requestedBy !== undefined && { requested_by: requestedBy }),
  };
}

/** What an app's endpoint is told of its rights; what only waits, or never was granted, is no news there. */
export function rightNews(
  changes: readonly RightChange[],
): readonly { readonly type: OutgoingEventType; readonly data: Readonly<Record<string, unknown>> }[] {
  return newsTypes.flatMap(([type, concerns]) => {
    const told = changes.filter(concerns);
    if (told.length === 0) return [];
    return [{ type, data: { rights: told.map(({ right, context }) => ({ right, context })) } }];
  });
}

const newsTypes: readonly (readonly [OutgoingEventType, (change: RightChange) => boolean])[] = [
  ['right.authorized', ({ to }) => to?.state === 'granted'],
  ['right.declined', ({ to }) => to?.state === 'declined'],
  ['right.revoked', ({ from, to }) => from?.state === 'granted' && to?.state !== 'granted'],
];
