import { authorizationInbox } from '../../src/adapters/dynamodb/authorization-inbox.ts';
import { holds } from '../../src/api/rights.ts';
import { countedRights } from '../../src/entities/asked-rights.ts';
import type { WaitingIntegration, WaitingParties, WaitingRights } from '../../src/entities/authorization-inbox.ts';
import type { RequestedRight } from '../../src/entities/integration.ts';
import type { RightContext } from '../../src/entities/right-change.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { callerOf } from './caller.ts';
import type { StorePage } from './page.ts';
import { isOwn } from './right-deciding.ts';
import { table } from './table.ts';

const inbox = once(() => authorizationInbox(table()));

/** A right that waits for somebody's decision. */
export interface WaitingRight {
  readonly right: string;
  readonly context: RightContext;
  readonly requested: RequestedRight;
  readonly integration: WaitingIntegration;
}

/** What is read of others' on the way, for a caller who decides in single projects: a bound on the cost of a page. */
const linesPerPage = 200;
/** Integrations and projects that are read of a page: what one BatchGetItem takes. */
const partiesPerPage = 100;
/** Sorts after the name of every right. */
const wholeLine = '~';

/**
 * One page of what waits for the caller's decision: where it holds `authorizations:decide` and the right in question, its
 * own apart. One query and one read of exact keys, one more where connections are among them; a page may hold fewer than its limit although more follow.
 */
export async function waitingFor(
  caller: AuthorizerContext,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<StorePage<WaitingRight>> {
  const [from, seen = ''] = after?.split(' ') ?? [];
  const projects = decidingIn(caller);
  if (projects?.length === 0) return { items: [] };
  const page = await inbox().waiting(caller.tenant, {
    ...{ projects, from },
    limit: projects === undefined ? limit + 1 : linesPerPage,
  });
  const open = page.items
    .flatMap(rightsOfLine)
    .filter(({ line, right }) => line.position !== from || right > seen)
    .filter(isDecidedBy(caller));
  const shown = open.slice(0, numberOfShown(open, limit));
  const last = shown.length < open.length ? shown.at(-1) : undefined;
  const end = page.more ? page.items.at(-1) : undefined;
  const parties = await partiesOf(caller, shown);
  return {
    items: shown.flatMap((waiting) => existing(caller, waiting, parties)),
    ...(last ? { last: `${last.line.position} ${last.right}` } : end && { last: `${end.position} ${wholeLine}` }),
  };
}

/** The projects in which the caller decides; undefined: everywhere. */
function decidingIn({ rights, projectRights }: AuthorizerContext): readonly string[] | undefined {
  if (holds(rights, 'authorizations:decide')) return undefined;
  return Object.keys(projectRights).filter((project) => holds(projectRights[project] ?? [], 'authorizations:decide'));
}

interface Waiting {
  readonly line: WaitingRights;
  readonly right: string;
  readonly requested: RequestedRight;
}

function rightsOfLine(line: WaitingRights): Waiting[] {
  return Object.entries(line.rights)
    .map(([right, requested]) => ({ line, right, requested }))
    .sort((one, other) => (one.right < other.right ? -1 : 1));
}

function isDecidedBy(caller: AuthorizerContext): (waiting: Waiting) => boolean {
  const { holds: isHeld } = callerOf(caller);
  return ({ line: { project, clientId }, right }) =>
    clientId !== caller.clientId && isHeld('authorizations:decide', project) && isHeld(right, project);
}

/** As many as the limit, and as their integrations and projects can be read at once. */
function numberOfShown(open: readonly Waiting[], limit: number): number {
  const parties = new Set<string>();
  for (const [index, { line }] of open.entries()) {
    parties.add(line.clientId);
    if (line.project !== undefined) parties.add(line.project);
    if (index === limit || parties.size > partiesPerPage) return index;
  }
  return open.length;
}

async function partiesOf({ tenant }: AuthorizerContext, shown: readonly Waiting[]): Promise<WaitingParties> {
  if (shown.length === 0) return { integrations: new Map(), projects: new Set() };
  const projects = shown.flatMap(({ line: { project } }) => (project === undefined ? [] : [project]));
  return inbox().parties(
    tenant,
    shown.map(({ line }) => line.clientId),
    projects,
  );
}

/** What belongs to an integration or a project that is gone, or is asked for no more, waits for nothing. */
function existing(
  caller: AuthorizerContext,
  { line: { clientId, project }, right, requested }: Waiting,
  { integrations, projects }: WaitingParties,
): WaitingRight[] {
  const integration = integrations.get(clientId);
  if (integration === undefined || isOwn(caller, integration)) return [];
  if (countedRights(integration, { [right]: requested })[right] === undefined) return [];
  if (project === undefined) return [{ right, context: 'global', requested, integration }];
  return projects.has(project) ? [{ right, context: { project }, requested, integration }] : [];
}
