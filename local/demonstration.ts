import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeDurably } from './aws/durable-file.ts';
import { Browser } from './browser.ts';
import type { LocalOutputs } from './outputs.ts';
import { StartupError } from './startup-error.ts';

const account = z.object({ username: z.string(), password: z.string() });

const shape = z.object({
  tenant: z.string(),
  project: z.string(),
  users: z.object({
    administrator: account,
    developer: account,
    project_administrator: account,
    member: account,
  }),
});

/** Users to sign in with, one for each role, and a project with something in it. */
export type Demonstration = z.infer<typeof shape>;

type RoleName = keyof Demonstration['users'];

const project = 'DEMO';

const people: Readonly<
  Record<RoleName, { readonly username: string; readonly name: string; readonly roles: unknown }>
> = {
  administrator: { username: 'ada', name: 'Ada Administrator', roles: ['administrator'] },
  developer: { username: 'dev', name: 'Devin Developer', roles: ['developer'] },
  project_administrator: {
    username: 'pat',
    name: 'Pat Project Administrator',
    roles: [{ role: 'project_administrator', project }],
  },
  member: { username: 'mel', name: 'Mel Member', roles: ['member'] },
};

const issues = [
  { title: 'Token is refused after the integration was disabled', body: 'As it should be, within five seconds.' },
  { title: 'Say which right is missing', body: 'The answer names it.' },
];

/**
 * What there is to try: made at the first run through the deployment's own APIs and pages, as people would, and read again from
 * `demonstration.json` in the data folder at later ones. A start that was cut off begins again where it finds what is
 * there.
 *
 * @param dataDirectory undefined keeps nothing
 * @returns what there is, and whether this run made it
 * @throws {StartupError} where it can neither be read nor made
 */
export async function demonstrate(
  outputs: LocalOutputs,
  dataDirectory: string | undefined,
): Promise<{ readonly demonstration: Demonstration; readonly made: boolean }> {
  const file = dataDirectory === undefined ? undefined : join(dataDirectory, 'demonstration.json');
  const kept = file === undefined ? undefined : await read(file);
  if (kept?.tenant === outputs.tenant) return { demonstration: kept, made: false };
  const demonstration = await make(outputs);
  if (file !== undefined) await writeDurably(file, `${JSON.stringify(demonstration, null, 2)}\n`);
  return { demonstration, made: true };
}

async function read(file: string): Promise<Demonstration | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    throw new StartupError(`${file} is damaged; remove it to give the demonstration's users new passwords`);
  }
}

async function make(outputs: LocalOutputs): Promise<Demonstration> {
  const call = await apiOf(outputs);
  const projects = (await call('GET', `${outputs.admin_url}/projects?limit=100`)).body.items ?? [];
  if (!projects.some(({ key }) => key === project)) {
    await call('POST', `${outputs.admin_url}/projects`, { key: project, name: 'Demonstration' });
  }
  const issuesUrl = `${outputs.api_url}/projects/${project}/issues`;
  const written = (await call('GET', issuesUrl)).body.items ?? [];
  for (const issue of issues) {
    if (!written.some(({ title }) => title === issue.title)) await call('POST', issuesUrl, issue);
  }
  const existing = (await call('GET', `${outputs.admin_url}/users?limit=100`)).body.items ?? [];
  const users: Partial<Record<RoleName, z.infer<typeof account>>> = {};
  for (const role of Object.keys(people) as RoleName[]) {
    const { username, name, roles } = people[role];
    const found = existing.find((user) => user.username === username);
    const { body } =
      found === undefined
        ? await call('POST', `${outputs.admin_url}/users`, { username, name, roles, email: `${username}@example.com` })
        : await call('POST', `${outputs.admin_url}/users/${found.id}/password-link`);
    if (body.password_link === undefined) throw new StartupError(`the demonstration's ${role} could not be made`);
    users[role] = { username, password: await choosePassword(body.password_link) };
  }
  return shape.parse({ tenant: outputs.tenant, project, users });
}

/** Opens the one-time link, as the user would, and sets a password that nobody chose. */
async function choosePassword(link: string): Promise<string> {
  const password = randomBytes(15).toString('base64url');
  const browser = new Browser();
  const done = await browser.submit(await browser.open(link), { password, confirmation: password });
  if (done.status >= 400) throw new StartupError(`a demonstration user's password could not be set: ${done.status}`);
  return password;
}

/** The members of answers that are read here. */
interface Answered {
  readonly items?: readonly {
    readonly id: string;
    readonly username: string;
    readonly key: string;
    readonly title: string;
  }[];
  readonly password_link?: string;
}

type Call = (method: string, url: string, body?: unknown) => Promise<{ readonly body: Answered }>;

/** Calls of the bootstrap administrator. */
async function apiOf({
  token_endpoint: endpoint,
  admin,
}: Pick<LocalOutputs, 'token_endpoint' | 'admin'>): Promise<Call> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${admin.client_id}:${admin.client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  if (!response.ok) throw new StartupError(`the bootstrap administrator was refused a token: ${response.status}`);
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await response.json());
  return async (method, url, body) => {
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new StartupError(`the demonstration could not be made: ${method} ${url} answered ${answer.status} ${text}`);
    return { body: text === '' ? {} : (JSON.parse(text) as Answered) };
  };
}
