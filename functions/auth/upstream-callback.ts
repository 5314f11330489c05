import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { users } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import { upstreamRoutes } from '../../src/api/routes/upstream.ts';
import type { IdentityProvider } from '../../src/entities/identity-provider.ts';
import { secondFactorsOf } from '../../src/entities/user-credentials.ts';
import { type Arrival, arrival } from '../../src/federation/arrival.ts';
import { type ArrivalPorts, arrivedUser, linkArrived } from '../../src/federation/arrived-user.ts';
import { reachableMetadata } from '../../src/federation/metadata.ts';
import { isRefused, type Refused } from '../../src/federation/refusal.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { InteractionOver } from '../shared/http-errors.ts';
import { decidedAt, ongoing } from '../shared/interaction.ts';
import { type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { refusalLog } from '../shared/refusal-log.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { completeFirstFactor } from '../shared/sign-in-completion.ts';
import { table } from '../shared/table.ts';
import { outside } from '../shared/upstream-provider.ts';
import {
  bindingOf,
  interactionOfState,
  maxAgeOf,
  offeredProvider,
  redirectUriAt,
  refusedUpstream,
  takeUpstreamAnswer,
} from '../shared/upstream-request.ts';
import { readableUpstreamSecrets } from '../shared/upstream-secrets.ts';

/** The provider's answers together take at most this, of the function's ten seconds. */
const withinMilliseconds = 7000;

const credentials = once(() => userCredentials(table()));

const portsOf = ({ source }: PageRequest): ArrivalPorts => ({
  identities: federatedIdentities(table()),
  users: users(table()),
  clock,
  randomBytes,
  source,
});

/** Whom the provider vouches for, after every check of its answer. */
async function arrivedFrom(
  provider: IdentityProvider,
  call: PageRequest,
  state: string,
  maxAgeSeconds: number | undefined,
): Promise<Arrival | Refused> {
  const signal = AbortSignal.timeout(withinMilliseconds);
  const metadata = await reachableMetadata(provider.issuer, outside(), signal);
  if (isRefused(metadata)) return metadata;
  const clientSecret = await readableUpstreamSecrets().read(provider);
  if (clientSecret === undefined) return { refused: 'unavailable', reason: 'no secret' };
  const parameters = new URLSearchParams(
    Object.entries(call.query.values()).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  );
  const redirectUri = redirectUriAt(provider);
  const exchange = {
    provider,
    clientSecret,
    redirectUri,
    parameters,
    maxAgeSeconds,
    ...bindingOf(call.browser, state),
  };
  return arrival(metadata, exchange, outside(), signal);
}

async function returned(call: PageRequest): Promise<PageAnswer> {
  const state = call.query.get('state') ?? '';
  const waiting = await ongoing(call, interactionOfState(state));
  const providerId = call.pathValue('identity_provider');
  const { upstream, ...at } = await takeUpstreamAnswer(waiting, providerId, state);
  const provider = await offeredProvider(at.interaction.tenant, providerId);
  if (isRefused(provider)) return refusedUpstream(at, provider);
  const arrived = await arrivedFrom(provider, call, state, maxAgeOf(at.interaction));
  if (isRefused(arrived)) return refusedUpstream(at, arrived, provider);
  const { linkTo } = upstream;
  const asking = at.signedIn?.user;
  if (linkTo !== undefined && asking?.id !== linkTo) throw new InteractionOver('who asked for the link is not here');
  const linking = linkTo === undefined ? undefined : asking;
  const user = await decideAgain((attempt) =>
    linking === undefined
      ? arrivedUser(provider, arrived, portsOf(call), attempt)
      : linkArrived(provider, arrived, linking, portsOf(call)),
  );
  if (isRefused(user)) {
    const { tenant, id } = provider;
    await refusalLog.note({ tenant, action: 'sign_in.refused', object: id, reason: user.refused }, call.source);
    return refusedUpstream(at, user, provider);
  }
  if (linking !== undefined) return { seeOther: decidedAt(at.interaction) };
  const factors = secondFactorsOf(await credentials().get(user.tenant, user.id));
  return completeFirstFactor(call, at, user, ['fed'], factors);
}

export const handler = pageEndpoint(page(upstreamRoutes.upstreamCallback, returned));
