import { KMSClient } from '@aws-sdk/client-kms';
import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import { authorizationCodes } from '../../src/adapters/dynamodb/authorization-code.ts';
import { pushedRequests } from '../../src/adapters/dynamodb/pushed-request.ts';
import { sessions } from '../../src/adapters/dynamodb/session.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import { kmsJwtSigner } from '../../src/adapters/kms/jwt-signer.ts';
import { authorizationServerRoutes } from '../../src/api/routes/authorization-server.ts';
import { idTokenAlgorithm, parseSigningAlgorithm } from '../../src/entities/signing-key.ts';
import { environment } from '../../src/environment.ts';
import { type AuthorizationPorts, grantAuthorization } from '../../src/oauth/authorization/grant.ts';
import { receivedRequest } from '../../src/oauth/authorization/pushed-request.ts';
import type { AuthorizationRequest, ReceivedRequest } from '../../src/oauth/authorization/request.ts';
import { refusalOf } from '../../src/oauth/authorization/response.ts';
import type { Form } from '../../src/oauth/form.ts';
import { once } from '../../src/once.ts';
import { answeringRefusals, answerOf, authorizationRequestOf, decided, validated } from '../shared/authorization.ts';
import { authorizationSettings } from '../shared/authorization-settings.ts';
import { deployment } from '../shared/clients.ts';
import { beginInteraction, decidedAt, interactionStore, type Ongoing, resumed } from '../shared/interaction.ts';
import { type PageAnswer, type PageRequest, page, pageEndpoint, pageForAnySite } from '../shared/page-endpoint.ts';
import { clientOptions, clock, randomBytes, randomUuid, variable } from '../shared/services.ts';
import { pageOfStep } from '../shared/steps.ts';
import { table } from '../shared/table.ts';
import { type Visit, visitOf } from '../shared/visit.ts';

const ports = once((): AuthorizationPorts => {
  const kms = new KMSClient(clientOptions);
  const algorithm = parseSigningAlgorithm(variable(environment.signingAlgorithm));
  return {
    clock,
    randomBytes,
    randomUuid,
    deployment: deployment(),
    signer: kmsJwtSigner({ kms, deployment: deployment(), algorithm }),
    idTokenSigner: kmsJwtSigner({ kms, deployment: deployment(), algorithm: idTokenAlgorithm }),
    codes: authorizationCodes(table()),
    sessions: sessions(table()),
    families: tokenFamilies(table()),
    auditEvents: auditEventStore(table()),
  };
});

const received = (form: Form): Promise<ReceivedRequest> =>
  receivedRequest(form, { clock, pushedRequests: pushedRequests(table(), randomBytes) });

/** A request that a browser has just brought. */
function answerNew(call: PageRequest): Promise<PageAnswer> {
  return answeringRefusals({ afterForm: false }, async () => {
    const { form, arrival } = await received(call.query);
    const request = await validated({ form, arrival });
    const visit = await visitOf(call, request.integration.tenant);
    const begin = () => beginInteraction(request.integration, form, call.browser.hash);
    return answered(call, request, visit, begin);
  });
}

/** One that an interaction was begun for: it is decided on again, from the start. */
async function answerResumed(call: PageRequest): Promise<PageAnswer> {
  const at = await resumed(call);
  return answeringRefusals({ afterForm: true, brand: at.brand }, async () =>
    answered(call, await authorizationRequestOf(at.interaction), at, async () => at.interaction),
  );
}

async function answered(
  { source }: PageRequest,
  request: AuthorizationRequest,
  at: Visit & Partial<Pick<Ongoing, 'interaction'>>,
  interaction: () => Promise<Ongoing['interaction']>,
): Promise<PageAnswer> {
  const next = await decided(request, at);
  if (next.step !== 'grant' && next.step !== 'refuse') return pageOfStep(next.step, await interaction(), at.signedIn);
  const response =
    next.step === 'refuse'
      ? refusalOf(next.error)
      : await grantAuthorization(request, next, source, authorizationSettings(), ports());
  if (at.interaction) await interactionStore().delete(at.interaction);
  return answerOf(response, { afterForm: at.interaction !== undefined, brand: at.brand });
}

/** A client may post its request (OIDC Core §3.1.2.1); it is kept, since a browser sends no cookies with it. */
function keep({ form: posted }: PageRequest): Promise<PageAnswer> {
  return answeringRefusals({ afterForm: false }, async () => {
    const { form, arrival } = await received(posted);
    const { integration } = await validated({ form, arrival });
    return { seeOther: decidedAt(await beginInteraction(integration, form, undefined)) };
  });
}

export const handler = pageEndpoint(
  page(authorizationServerRoutes.authorize, (call) =>
    // Of a client's own request every parameter that is not the protocol's is ignored (RFC 6749 §3.1), this one too.
    call.query.get('interaction') === undefined || call.query.get('client_id') !== undefined
      ? answerNew(call)
      : answerResumed(call),
  ),
  pageForAnySite(authorizationServerRoutes.authorizePost, keep),
);
