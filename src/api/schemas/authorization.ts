import * as z from 'zod/mini';
import { decisions } from '../../entities/right-decision.ts';
import { rightOf } from '../rights.ts';
import { context } from './held-rights.ts';
import { requestedRightAnswer, right } from './integration.ts';
import { must } from './messages.ts';
import { pageOf, pageParameters } from './page.ts';
import { projectKey } from './project.ts';

const distinct = z.refine<readonly string[]>(
  (items) => new Set(items).size === items.length,
  'must not name one twice',
);

/** Rights in a context, each once. */
const someRights = z
  .array(right, { error: must('a list of rights') })
  .check(z.minLength(1, 'must name at least one right'), z.maxLength(200, 'holds too many rights'), distinct);

/** The most projects of one request. */
export const maximumProjects = 100;

/** The body that asks for rights in projects. */
export const projectsRequest = z.strictObject(
  {
    projects: z
      .array(projectKey, { error: must('a list of project keys') })
      .check(
        z.minLength(1, 'must name at least one project'),
        z.maxLength(maximumProjects, `must name at most ${maximumProjects} projects`),
        distinct,
      ),
    rights: z
      .array(right.check(z.refine((name) => rightOf(name).level === 'project', 'cannot be held in a single project')), {
        error: must('a list of rights'),
      })
      .check(z.minLength(1, 'must name at least one right'), z.maxLength(200, 'holds too many rights'), distinct),
  },
  { error: must('an object') },
);

/** The rights asked for in those projects, and what became of them. */
export const requestedRightList = z.strictObject({ items: z.array(requestedRightAnswer) });

/** What waits for the caller's decision; other states are in each integration's own list. */
export const inboxQuery = z.strictObject({
  ...pageParameters,
  state: z._default(z.enum(['pending'], 'must be pending'), 'pending'),
});

export const inboxPage = pageOf(
  z.extend(requestedRightAnswer, {
    client_id: z.string(),
    name: z.string(),
    owner: z.string(),
  }),
);

const maximumCommentLength = 500;
const decisionMembers = {
  context: z.optional(
    z.union([z.literal('global'), z.strictObject({ project: projectKey })], { error: must('global, or a project') }),
  ),
  project: z.optional(projectKey),
  rights: someRights,
  decision: z.enum(decisions, `must be one of ${decisions.join(', ')}`),
  comment: z.optional(
    z
      .string({ error: must('a string') })
      .check(
        z.regex(/^[^\p{Cc}]*$/u, 'must be one line without control characters'),
        z.minLength(1, 'must not be empty'),
        z.maxLength(maximumCommentLength, `must be of at most ${maximumCommentLength} characters`),
      ),
  ),
};

const oneContext = z.refine<{ context?: unknown; project?: unknown }>(
  ({ context, project }) => (context === undefined) !== (project === undefined),
  { path: ['context'], error: 'one of context and project is required, not both' },
);

/** The body of a decision: the global context, or one project. */
export const authorizationDecision = z.strictObject(decisionMembers, { error: must('an object') }).check(oneContext);

/** The most decisions of one request. */
export const maximumDecisions = 25;

/** The body of many. */
export const authorizationDecisions = z.strictObject(
  {
    decisions: z
      .array(
        z
          .strictObject(
            { client_id: z.string({ error: must('a string') }), ...decisionMembers },
            { error: must('an object') },
          )
          .check(oneContext),
        { error: must('a list of decisions') },
      )
      .check(
        z.minLength(1, 'must hold at least one decision'),
        z.maxLength(maximumDecisions, `must hold at most ${maximumDecisions} decisions`),
      ),
  },
  { error: must('an object') },
);

/** What became of each decision, in their order: with the status and the members that its own answer would have had. */
export const authorizationResults = z.strictObject({
  results: z.array(
    z.strictObject({
      client_id: z.string(),
      context,
      rights: z.array(z.string()),
      decision: z.enum(decisions),
      status: z.number(),
      detail: z.optional(z.string()),
      missing_rights: z.optional(z.array(z.string())),
      decided_by: z.optional(z.string()),
    }),
  ),
});
