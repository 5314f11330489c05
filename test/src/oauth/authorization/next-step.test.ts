import { describe, expect, it } from 'vitest';
import type { Consent } from '../../../../src/entities/consent.ts';
import type { Integration } from '../../../../src/entities/integration.ts';
import type { Session } from '../../../../src/entities/session.ts';
import { type InteractionProgress, nextStep, type Situation } from '../../../../src/oauth/authorization/next-step.ts';
import type { AuthorizationRequest } from '../../../../src/oauth/authorization/request.ts';
import { adminUrl } from '../authorization-server.ts';
import {
  at,
  consentOf,
  nativeApp,
  now,
  type Parameters,
  redirectUri,
  sessionOf,
  userOf,
  validated,
  webApp,
} from './scene.ts';

const web = webApp(['issues:read', 'users:manage']).integration;
const user = userOf(web);
const consent = consentOf(user, web);
const interaction: InteractionProgress = { createdAt: at(-60) };

/** A browser whose user is signed in and agreed before. */
function settled(changes: Partial<Situation> = {}): Situation {
  return {
    now,
    session: sessionOf(user),
    user,
    consent,
    operator: false,
    secondFactor: { required: false, enrolled: false },
    ...changes,
  };
}

const nobody = settled({ session: undefined, user: undefined, consent: undefined });
const justSignedIn = { session: sessionOf(user, { authenticatedAt: at(-30) }) };
const signedIn = { ...interaction, signedInAt: at(-30) };

async function stepOf(parameters: Parameters, situation: Situation, integration: Integration = web) {
  return summary(nextStep(await validated(integration, parameters), situation));
}

/** The step's name, or the code of the error. */
function summary(next: ReturnType<typeof nextStep>): string {
  return next.step === 'refuse' ? next.error.error.code : next.step;
}

describe('who is signed in and agreed before', () => {
  it('is given what was decided, without a page', async () => {
    const situation = settled();
    expect(nextStep(await validated(web), situation)).toEqual({
      step: 'grant',
      session: situation.session,
      user,
      consent,
      operator: false,
      given: { scopes: ['openid'], rights: { global: ['issues:read'], byProject: {} }, resources: [] },
    });
  });

  it('is asked nothing with prompt=none either', async () => {
    expect(await stepOf({ prompt: 'none' }, settled())).toBe('grant');
  });
});

describe('somebody must sign in', () => {
  it.each<[string, Situation]>([
    ['where nobody is', nobody],
    ['where the session is over', settled({ session: sessionOf(user, { expiresAt: at(0) }) })],
    ['where the password was changed since', settled({ user: { ...user, tokenGeneration: 1 } })],
    ['where the user was disabled', settled({ user: { ...user, status: 'disabled' } })],
    ['where the user is gone', settled({ user: undefined })],
    ["where the session is another user's", settled({ session: sessionOf(userOf(web)) })],
    ["where the session is another tenant's", settled({ session: sessionOf(user, { tenant: 'ten_other' }) })],
    ["where the user is another tenant's", settled({ user: { ...user, tenant: 'ten_other' } })],
  ])('%s; silently that is login_required', async (_, situation) => {
    expect(await stepOf({}, situation)).toBe('sign-in');
    expect(await stepOf({ prompt: 'none' }, situation)).toBe('login_required');
  });

  it('anew with prompt=login, until they did because of this request', async () => {
    expect(await stepOf({ prompt: 'login' }, settled())).toBe('sign-in');
    expect(await stepOf({ prompt: 'login' }, settled({ interaction }))).toBe('sign-in');
    expect(await stepOf({ prompt: 'login' }, settled({ ...justSignedIn, interaction: signedIn }))).toBe('grant');
  });

  it('anew with prompt=login, though the browser has meanwhile another session, or one that was stepped up', async () => {
    expect(await stepOf({ prompt: 'login' }, settled({ interaction: signedIn }))).toBe('sign-in');
    expect(await stepOf({ prompt: 'login' }, settled({ ...justSignedIn, interaction }))).toBe('sign-in');
  });

  it('anew where their sign-in is older than max_age', async () => {
    expect(await stepOf({ max_age: '101' }, settled())).toBe('grant');
    expect(await stepOf({ max_age: '100' }, settled())).toBe('sign-in');
    expect(await stepOf({ max_age: '100', prompt: 'none' }, settled())).toBe('login_required');
  });

  it('once with max_age=0, and not forever', async () => {
    expect(await stepOf({ max_age: '0' }, settled())).toBe('sign-in');
    expect(await stepOf({ max_age: '0' }, settled({ ...justSignedIn, interaction: signedIn }))).toBe('grant');
  });

  it('as the user that the client hints at, and is not asked again after being another', async () => {
    const request = async (hintedUserId: string): Promise<AuthorizationRequest> => {
      return { ...(await validated(web)), hintedUserId };
    };
    expect(summary(nextStep(await request(user.id), settled()))).toBe('grant');
    expect(summary(nextStep(await request('usr_other'), settled()))).toBe('sign-in');
    const after = settled({ ...justSignedIn, interaction: signedIn });
    expect(summary(nextStep(await request('usr_other'), after))).toBe('login_required');
  });
});

describe('an account is chosen', () => {
  it('with prompt=select_account, until one was chosen or signed in to', async () => {
    const prompt = { prompt: 'select_account' };
    expect(await stepOf(prompt, nobody)).toBe('sign-in');
    expect(await stepOf(prompt, settled())).toBe('select-account');
    expect(await stepOf(prompt, settled({ interaction: { ...interaction, accountChosenAt: at(-10) } }))).toBe('grant');
    expect(await stepOf(prompt, settled({ ...justSignedIn, interaction: signedIn }))).toBe('grant');
  });
});

describe('a second factor', () => {
  const asked = (methods: Session['methods'], enrolled: boolean, required = true) =>
    settled({ session: sessionOf(user, { methods }), secondFactor: { required, enrolled } });

  it('is asked for where the tenant requires it; silently that is interaction_required', async () => {
    expect(await stepOf({}, asked(['pwd'], true))).toBe('second-factor');
    expect(await stepOf({}, asked(['pwd'], false))).toBe('enrol-second-factor');
    expect(await stepOf({}, asked(['fed'], false))).toBe('enrol-second-factor');
    expect(await stepOf({ prompt: 'none' }, asked(['pwd'], true))).toBe('interaction_required');
    expect(await stepOf({ prompt: 'none' }, asked(['pwd'], false))).toBe('interaction_required');
  });

  it.each([[['pwd', 'otp']], [['hwk']], [['pwd', 'rec']]] as const)('was given with %s', async (methods) => {
    expect(await stepOf({}, asked(methods, true))).toBe('grant');
  });

  it('is not asked for where the tenant does not require it', async () => {
    expect(await stepOf({}, asked(['pwd'], true, false))).toBe('grant');
  });
});

describe('what the user lacks', () => {
  it('is left out', async () => {
    const next = nextStep(await validated(web, { scope: 'openid issues:read users:manage' }), settled());
    expect(next).toMatchObject({ step: 'grant', given: { rights: { global: ['issues:read'] } } });
  });

  it('is given where they hold it', async () => {
    const administrator = settled({ user: { ...user, roles: ['administrator'] } });
    const next = nextStep(await validated(web, { scope: 'openid issues:read users:manage' }), administrator);
    expect(next).toMatchObject({ step: 'consent', given: { rights: { global: ['issues:read', 'users:manage'] } } });
  });

  it('is given in the projects alone where they hold it', async () => {
    const app = webApp(['issues:write']).integration;
    const roles = [{ role: 'project_administrator', project: 'PRJ' }] as const;
    const next = nextStep(await validated(app, { scope: 'issues:write' }), settled({ user: { ...user, roles } }));
    expect(next).toMatchObject({
      given: { rights: { global: ['issues:read'], byProject: { PRJ: ['issues:write'] } } },
    });
  });

  it('may be all: then nothing is granted, and nobody is asked for consent', async () => {
    expect(await stepOf({ scope: 'users:manage' }, settled())).toBe('access_denied');
    expect(await stepOf({ scope: 'users:manage', resource: adminUrl, prompt: 'none' }, settled())).toBe(
      'access_denied',
    );
    expect(await stepOf({ scope: 'openid users:manage' }, settled())).toBe('grant');
  });

  it("is the operator's right, for administrators of every other tenant", async () => {
    const app = webApp(['tenants:manage']).integration;
    const administrator = { ...user, roles: ['administrator'] as const };
    const ask = { scope: 'tenants:manage' };
    expect(await stepOf(ask, settled({ user: administrator }), app)).toBe('access_denied');
    expect(await stepOf(ask, settled({ user: administrator, operator: true }), app)).toBe('consent');
  });
});

describe('consent is asked for', () => {
  const agreed = { ...interaction, consentedAt: at(-10) };

  it.each<[string, Consent | undefined]>([
    ['where none was given', undefined],
    ['where a right is more', consentOf(user, web, ['openid'], { global: [], byProject: {} })],
    [
      'where a right is for more projects',
      consentOf(user, web, ['openid'], { global: [], byProject: { PRJ: ['issues:read'] } }),
    ],
    ['where a scope is more', consentOf(user, web, [])],
    ["where it is another app's", consentOf(user, webApp().integration)],
    ["where it is another user's", consentOf(userOf(web), web)],
    ["where it is another tenant's", { ...consent, tenant: 'ten_other' }],
  ])('%s; silently that is consent_required', async (_, stored) => {
    expect(await stepOf({}, settled({ consent: stored }))).toBe('consent');
    expect(await stepOf({}, settled({ consent: stored, interaction: agreed }))).toBe('consent');
    expect(await stepOf({ prompt: 'none' }, settled({ consent: stored }))).toBe('consent_required');
  });

  it('to be there without the user, unless they agreed to it before', async () => {
    const offline = { scope: 'openid issues:read offline_access' };
    expect(await stepOf(offline, settled())).toBe('consent');
    expect(await stepOf({ ...offline, prompt: 'none' }, settled())).toBe('consent_required');
    const before = settled({ consent: consentOf(user, web, ['openid', 'offline_access']) });
    expect(await stepOf(offline, before)).toBe('grant');
  });

  it('again with prompt=consent, until it was given because of this request', async () => {
    expect(await stepOf({ prompt: 'consent' }, settled())).toBe('consent');
    expect(await stepOf({ prompt: 'consent' }, settled({ interaction: agreed }))).toBe('grant');
  });

  it('again where somebody else signed in after it was given', async () => {
    const after = settled({ session: sessionOf(user, { createdAt: at(-5), authenticatedAt: at(-5) }) });
    expect(await stepOf({ prompt: 'consent' }, { ...after, interaction: agreed })).toBe('consent');
    expect(await stepOf({ prompt: 'consent' }, { ...settled(), interaction: agreed })).toBe('grant');
  });

  it.each(['http://127.0.0.1:51004/callback', 'com.example.app:/callback'])(
    'each time by a public client at %s, for any app may be waiting there',
    async (uri) => {
      const native = nativeApp().integration;
      const own = consentOf(user, native);
      const ask = { redirect_uri: uri };
      const there = { ...user, tenant: native.tenant };
      const before = settled({ user: there, session: sessionOf(there), consent: own });
      expect(await stepOf(ask, before, native)).toBe('consent');
      expect(await stepOf({ ...ask, prompt: 'none' }, before, native)).toBe('consent_required');
      expect(await stepOf(ask, { ...before, interaction: agreed }, native)).toBe('grant');
    },
  );

  it('once by a public client at https, and by a confidential one on its own machine', async () => {
    const spa = nativeApp(['issues:read'], { redirectUris: [redirectUri] }).integration;
    expect(await stepOf({}, settled({ consent: consentOf(user, spa) }), spa)).toBe('grant');
    const confidential = nativeApp(['issues:read'], { tokenEndpointAuthMethod: 'client_secret_basic' }).integration;
    expect(await stepOf({}, settled({ consent: consentOf(user, confidential) }), confidential)).toBe('grant');
  });
});

it('what is asked first is who it is, then how recently, then which account, then how well, then whether they agree', async () => {
  const parameters = { prompt: 'login select_account consent' };
  const strict = { secondFactor: { required: true, enrolled: true }, consent: undefined };
  const steps = [
    await stepOf(parameters, { ...nobody, ...strict }),
    await stepOf(parameters, settled(strict)),
    await stepOf({ prompt: 'select_account consent' }, settled(strict)),
    await stepOf({ prompt: 'consent' }, settled(strict)),
    await stepOf({ prompt: 'consent' }, settled({ consent: undefined })),
    await stepOf({}, settled()),
  ];
  expect(steps).toEqual(['sign-in', 'sign-in', 'select-account', 'second-factor', 'consent', 'grant']);
});
