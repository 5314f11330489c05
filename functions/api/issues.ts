import { issues } from '../../src/adapters/dynamodb/issue.ts';
import { issueBody, issueNumber, issueOfTenantBody } from '../../src/api/schemas/issue.ts';
import { projectKey } from '../../src/api/schemas/project.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { changedIssue, type Issue, issueTold, newIssue } from '../../src/entities/issue.ts';
import { outgoingEvent } from '../../src/entities/outgoing-event.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { entityTag, requiredMatch } from '../shared/entity-tag.ts';
import { PreconditionFailed } from '../shared/http-errors.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { pause } from '../shared/pause.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => issues(table(), clock, pause));

/** The project that the authorizer decided on; never the path's own. */
const projectOf = ({ project }: AuthorizerContext) => pathValue(projectKey, project);

const now = () => new Date(clock.now()).toISOString();

const answerOf = (issue: Issue) => ({ body: issueBody(issue), headers: { ETag: entityTag(issue.version) } });

/** What endpoints are told of an issue. */
const toldOf = (type: Parameters<typeof issueTold>[1]) => (issue: Issue) =>
  outgoingEvent(issueTold(issue, type), clock.now(), randomBytes);

async function existing(caller: AuthorizerContext, number: string): Promise<Issue> {
  const found = await store().get(caller.tenant, projectOf(caller), pathValue(issueNumber, number));
  if (found === undefined) throw new NotFound();
  return found;
}

export const handler = endpoint({
  listIssues: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listIssues' },
      (page) => store().listOfTenant(tenant, page),
      issueOfTenantBody,
    ),
  }),

  listIssuesOfProject: async ({ caller, query }) => {
    const { tenant } = caller;
    const project = projectOf(caller);
    const scope = { tenant, route: 'listIssuesOfProject', filters: { project } };
    return { body: await pageBody(query, scope, (page) => store().listOfProject(tenant, project, page), issueBody) };
  },

  getIssue: async ({ caller, path }) => answerOf(await existing(caller, path.number)),

  createIssue: async ({ caller, body }) => {
    const project = projectOf(caller);
    const issue = await store().create(
      newIssue({ tenant: caller.tenant, project, author: caller.subject }, body, now()),
      toldOf('issue.created'),
    );
    const { headers, body: answer } = answerOf(issue);
    return {
      body: answer,
      headers: { ...headers, Location: locationOf('getIssue', { project, number: issue.number }) },
    };
  },

  changeIssue: async ({ caller, path, body, header }) => {
    const assertMatch = requiredMatch(header('if-match'));
    const before = await existing(caller, path.number);
    assertMatch(before.version);
    const after = changedIssue(before, body, now());
    if (!(await store().replace(before, after, toldOf('issue.changed')(after)))) throw new PreconditionFailed();
    return answerOf(after);
  },
});
