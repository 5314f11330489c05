import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

type LambdaHandler = (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;

/** A page as a browser shows it. */
export interface Shown {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  /** The heading. */
  readonly heading: string | undefined;
  readonly problem: string | undefined;
  /** Hidden fields of the form that posts to `action`; the first form's unless it is given. */
  readonly hidden: (action?: string) => Record<string, string>;
}

/** A browser: it keeps cookies, and posts with a form what the form holds. */
export interface PageClient {
  readonly cookies: Map<string, string>;
  get(row: string, path: Readonly<Record<string, string>>, query?: Readonly<Record<string, string>>): Promise<Shown>;
  post(
    row: string,
    path: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Shown>;
}

/** A browser at the pages of some entries, each with the resources that it serves. */
export function pageClient(handlers: Readonly<Record<string, LambdaHandler>>, address = '203.0.113.7'): PageClient {
  const cookies = new Map<string, string>();
  const send = async (event: object, row: string): Promise<Shown> => {
    const [httpMethod = '', resource = ''] = row.split(' ');
    const handler = handlers[resource];
    if (handler === undefined) throw new Error(`no handler serves ${resource}`);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const full = {
      httpMethod,
      resource,
      isBase64Encoded: false,
      requestContext: { requestId: 'request-1', identity: { sourceIp: address } },
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
      ...event,
      headers: { ...('headers' in event && (event.headers as object)), ...(cookie !== '' && { Cookie: cookie }) },
    };
    const answer = await handler(full as unknown as APIGatewayProxyEvent, {} as never);
    for (const set of (answer.multiValueHeaders?.['Set-Cookie'] ?? []).map(String)) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/Max-Age=0(;|$)/.test(set)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return shown(answer);
  };
  return {
    cookies,
    get: (row, path, query) =>
      send(
        {
          pathParameters: path,
          queryStringParameters: query ?? null,
          multiValueQueryStringParameters:
            query === undefined ? null : Object.fromEntries(Object.entries(query).map(([name, one]) => [name, [one]])),
        },
        row,
      ),
    post: (row, path, fields, headers = {}) =>
      send(
        {
          pathParameters: path,
          headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
          body: new URLSearchParams(fields).toString(),
        },
        row,
      ),
  };
}

function shown({ statusCode: status, headers = {}, body: html }: APIGatewayProxyResult): Shown {
  const text = (pattern: RegExp) =>
    pattern
      .exec(html)?.[1]
      ?.replaceAll(/<[^>]*>/g, '')
      .trim();
  return {
    status,
    location: headers.Location === undefined ? undefined : String(headers.Location),
    headers: headers as Record<string, string>,
    html,
    heading: text(/<h1>(.*?)<\/h1>/s),
    problem: text(/<p class="problem"[^>]*>(.*?)<\/p>/s),
    hidden: (action) => {
      const forms = html.match(/<form .*?<\/form>/gs) ?? [];
      const form = forms.find((each) => action === undefined || each.includes(`action="${action}"`)) ?? '';
      const fields = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
      return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
    },
  };
}
