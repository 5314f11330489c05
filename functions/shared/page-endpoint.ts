import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Route } from '../../src/api/route.ts';
import { type Origin, originAt, type RequestSource } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { environment } from '../../src/environment.ts';
import { type Form, formOfValues, parseForm } from '../../src/oauth/form.ts';
import type { Asset } from '../../src/pages/assets.ts';
import type { FormTarget } from '../../src/pages/form.ts';
import { type Brand, layout, type Page } from '../../src/pages/layout.ts';
import { leavingPage } from '../../src/pages/leaving.ts';
import { type Browser, browserOf } from './browser.ts';
import { ForgedForm } from './http-errors.ts';
import { pageErrors } from './middleware/page-errors.ts';
import { sourceOf } from './origin.ts';
import { assetHeaders, pageHeaders } from './page-headers.ts';
import { optionalVariable, variable } from './services.ts';
import { stack } from './stack.ts';

/** What a page is asked. */
export interface PageRequest {
  /** A parameter of the row's path; API Gateway gives every one. */
  readonly pathValue: (name: string) => string;
  /** Of a GET; empty otherwise. */
  readonly query: Form;
  /** The same before it is parsed: the authorization endpoint says in its own way that a parameter is repeated. */
  readonly queryValues: Readonly<Record<string, readonly string[] | undefined>>;
  /** Of a POST, checked for forgery; empty otherwise. */
  readonly form: Form;
  readonly browser: Browser;
  /** For audit events. */
  readonly source: RequestSource;
  /** What a user does here, for audit events, with the session that they are signed in with. */
  readonly originOf: (userId: string, sessionId?: string) => Origin;
  /** Where the browser is, as API Gateway saw it, never as a forwarded header says. */
  readonly address: string;
  /** What the browser calls itself, as far as that is worth keeping. */
  readonly userAgent: string | undefined;
}

/** What may be wrong with a form, and the status that says so: not filled in, not right, of a link that is over, sent too often. */
const refusals = { incomplete: 400, refused: 403, gone: 404, 'slow-down': 429 } as const;

/** What it answers. */
export type PageAnswer = {
  /** `Set-Cookie` values. */
  readonly cookies?: readonly string[];
} & (
  | {
      readonly page: Page;
      /** Why the page is shown again; absent where nothing was refused. */
      readonly refusal?: keyof typeof refusals | undefined;
      readonly retryAfterSeconds?: number | undefined;
    }
  /** Where the browser goes on with a GET: a path below the issuer, beginning with a slash. */
  | { readonly seeOther: string }
  /** Another site's URL, which was validated; `afterForm` where the browser may come from a form of ours. */
  | {
      readonly leaveFor: string;
      readonly afterForm: boolean;
      readonly brand?: Brand | undefined;
      /** What the site is called, where somebody signs in there. */
      readonly provider?: string;
    }
  /** A page whose form is posted to another site's URL, which was validated. */
  | { readonly postTo: string; readonly page: Page }
  | { readonly file: Asset }
);

type Handle = (request: PageRequest) => Promise<PageAnswer>;

interface ServedPage {
  readonly row: Route;
  readonly handle: Handle;
  readonly formsOf: 'this-site' | 'any-site';
}

/** A page; a POST to it must carry what this browser was given with the form. */
export function page(row: Route, handle: Handle): ServedPage {
  return { row, handle, formsOf: 'this-site' };
}

/** A page that other sites' forms may be posted to: what it does must be harmless whoever made the form. */
export function pageForAnySite(row: Route, handle: Handle): ServedPage {
  return { row, handle, formsOf: 'any-site' };
}

/** The Lambda handler of an entry that answers with pages. */
export function pageEndpoint(...pages: readonly ServedPage[]) {
  const byRoute = new Map(pages.map((each) => [`${each.row.method} ${each.row.path}`, each]));
  return stack(async (event) => {
    const found = byRoute.get(`${event.httpMethod} ${event.resource}`);
    if (found === undefined) throw new NotFound();
    const browser = browserOf(event);
    const answer = await found.handle(requestOf(found, event, browser));
    return answered(found, event, answer, browser);
  }, pageErrors(basePath));
}

/** The path that every URL of ours begins with: `/auth`. Also for an error page, which must not fail itself. */
export function basePath(): string {
  const issuer = optionalVariable(environment.issuer);
  return issuer === undefined ? '' : new URL(issuer).pathname.replace(/\/$/, '');
}

/**
 * Where a form of ours goes, for a page to render.
 *
 * @param action below the issuer, as its row's path with the parameters filled in
 * @param interaction the one that it belongs to
 */
export function formTarget(
  { browser }: Pick<PageRequest, 'browser'>,
  action: string,
  interaction?: string,
): FormTarget {
  return {
    action: basePath() + action,
    hidden: {
      csrf: browser.csrfToken(action, interaction),
      ...(interaction !== undefined && { interaction }),
    },
  };
}

const noParameters = formOfValues({});

function requestOf({ row, formsOf }: ServedPage, event: APIGatewayProxyEvent, browser: Browser): PageRequest {
  const { pathParameters, multiValueQueryStringParameters } = event;
  const source = sourceOf(event);
  const path = pathParameters ?? {};
  const posted = row.method === 'POST';
  const form = posted ? parseForm({ ...event, contentType: headerOf(event, 'content-type') }) : noParameters;
  if (posted && formsOf === 'this-site') refuseForged(actionOf(row, path), form, event, browser);
  const queryValues = (!posted && multiValueQueryStringParameters) || {};
  return {
    pathValue: (name) => {
      const value = path[name];
      if (value === undefined) throw new Error(`the path has no ${name}`);
      return value;
    },
    queryValues,
    get query() {
      return formOfValues(queryValues);
    },
    form,
    browser,
    source,
    originOf: (userId, sessionId) => originAt(source, userId, sessionId === undefined ? undefined : { sessionId }),
    address: source.address,
    userAgent: headerOf(event, 'user-agent')?.slice(0, 256),
  };
}

/** @throws ForgedForm where the form was not given to this browser, or the browser says that another site sent it */
function refuseForged(action: string, form: Form, event: APIGatewayProxyEvent, browser: Browser): void {
  // Fetch Metadata: a browser that sends it at all tells the truth; nothing else can set it.
  const site = headerOf(event, 'sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') throw new ForgedForm('sent by another site');
  if (!browser.gave(form.get('csrf'), action, form.get('interaction')))
    throw new ForgedForm('not given to this browser');
}

const actionOf = ({ path }: Route, values: Readonly<Record<string, string | undefined>>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');

async function answered(
  { row, formsOf }: ServedPage,
  event: APIGatewayProxyEvent,
  answer: PageAnswer,
  browser: Browser,
): Promise<APIGatewayProxyResult> {
  if ('file' in answer)
    return { statusCode: 200, headers: assetHeaders(answer.file.contentType), body: answer.file.text };
  // Another site's form comes without cookies: a new one would take the place of the browser's own.
  const own = formsOf === 'any-site' && row.method === 'POST' ? undefined : browser.newCookie;
  const cookies = [...(own === undefined ? [] : [own]), ...(answer.cookies ?? [])];
  const multiValueHeaders = cookies.length > 0 ? { multiValueHeaders: { 'Set-Cookie': cookies } } : {};
  const redirect = (to: string) => ({ statusCode: 303, headers: { ...pageHeaders(row), Location: to }, body: '' });
  if ('seeOther' in answer)
    return { ...redirect(variable(environment.issuer) + answer.seeOther), ...multiValueHeaders };
  // Chromium holds every redirect that follows a form against the `form-action` of the form's page, the other site's own
  // redirects included. A page in between ends that chain, so that no page of ours has to allow the whole web.
  const isHeld = 'afterForm' in answer && answer.afterForm && headerOf(event, 'sec-fetch-mode') === 'navigate';
  if ('leaveFor' in answer && !isHeld) return { ...redirect(answer.leaveFor), ...multiValueHeaders };
  const shown = 'leaveFor' in answer ? { page: leavingPage(answer.leaveFor, answer.brand, answer.provider) } : answer;
  const retryAfter = 'retryAfterSeconds' in shown ? shown.retryAfterSeconds : undefined;
  return {
    statusCode: 'refusal' in shown && shown.refusal ? refusals[shown.refusal] : 200,
    headers: {
      ...pageHeaders(row, 'postTo' in shown ? 'any-site' : 'this-site'),
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    ...multiValueHeaders,
    body: String(await layout(basePath(), shown.page)),
  };
}

function headerOf({ headers }: APIGatewayProxyEvent, name: string): string | undefined {
  const found = Object.keys(headers ?? {}).find((each) => each.toLowerCase() === name);
  return found === undefined ? undefined : headers[found];
}
