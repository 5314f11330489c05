import * as z from 'zod/mini';
import { Forbidden } from '../../entities/errors.ts';
import { once } from '../../once.ts';

const tokenKinds = ['access-token', 'personal-access-token'] as const;

export type TokenKind = (typeof tokenKinds)[number];

/** Who presents a token, of whichever kind. */
export interface TokenBearer {
  readonly kind: TokenKind;
  readonly tenant: string;
  /** The user the token acts for, else its client. */
  readonly subject: string;
  /** The client that obtained the token, or that a personal access token was made through. */
  readonly clientId: string;
  /**
   * The id of the secret, or the `kid` of the key, that obtained the token; `none` for a public client; a personal access
   * token's own id.
   */
  readonly credential: string;
  /** The `jti` of an access token, the id of a personal access token. */
  readonly tokenId: string;
  /** The token family that it descends from. */
  readonly familyId?: string | undefined;
  /** The session that it ends with. */
  readonly sessionId?: string | undefined;
  /** The user's consent that it was given under: what is made with it dies with that consent too. */
  readonly consentId?: string | undefined;
}

/** Who calls, as the authorizer found: all that a protected endpoint knows of the token. */
export interface AuthorizerContext extends TokenBearer {
  /** Whether the tenant is the platform operator's. */
  readonly ofOperator: boolean;
  /** Held in the global context: carried by the token and granted when the authorizer looked. */
  readonly rights: readonly string[];
  /** Held in single projects besides, by project key. */
  readonly projectRights: Readonly<Record<string, readonly string[]>>;
  /** The project that the route names; only where the route has one. */
  readonly project?: string;
}

/** The form it travels in: API Gateway hands on strings, numbers and booleans only. */
const wireForm = once(() =>
  z.object({
    token_kind: z.enum(tokenKinds),
    tenant: z.string(),
    subject: z.string(),
    client_id: z.string(),
    credential: z.string(),
    rights: z.string(),
    project_rights: z.optional(z.string()),
    project: z.optional(z.string()),
    of_operator: z.optional(z.literal('true')),
    token_id: z.string(),
    family_id: z.optional(z.string()),
    session_id: z.optional(z.string()),
    consent_id: z.optional(z.string()),
    route: z.string(),
  }),
);

const projectRightsForm = once(() => z.record(z.string(), z.array(z.string())));

/**
 * The `context` of an authorizer's answer.
 *
 * @param route what was decided on: method and resource as API Gateway writes them, `GET /v1/integrations/{client_id}`
 */
export function encodeContext(context: AuthorizerContext, route: string): Record<string, string> {
  const { kind, tenant, subject, clientId, credential, rights, projectRights, project, tokenId } = context;
  const { familyId, sessionId, consentId, ofOperator } = context;
  return {
    token_kind: kind,
    tenant,
    subject,
    client_id: clientId,
    credential,
    rights: rights.join(' '),
    ...(Object.keys(projectRights).length > 0 && { project_rights: JSON.stringify(projectRights) }),
    ...(project !== undefined && { project }),
    ...(ofOperator && { of_operator: 'true' }),
    token_id: tokenId,
    ...(familyId !== undefined && { family_id: familyId }),
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(consentId !== undefined && { consent_id: consentId }),
    route,
  };
}

/**
 * The caller out of `event.requestContext.authorizer`.
 *
 * The gateway's cache hands decisions on by the path's text. Should two routes ever share one there, encoded and decoded
 * for instance, what was decided on one of them opens the other no more than no decision at all.
 *
 * @param route the route that the request takes, in the form of {@link encodeContext}
 * @throws Forbidden where the decision is on another route
 * @throws ZodError where no authorizer of this project stood before the endpoint: a fault of the deployment
 */
export function decodeContext(authorizer: unknown, route: string): AuthorizerContext {
  const wire = z.parse(wireForm(), authorizer);
  if (wire.route !== route) throw new Forbidden('The access token was checked for another route.');
  return {
    kind: wire.token_kind,
    tenant: wire.tenant,
    subject: wire.subject,
    clientId: wire.client_id,
    credential: wire.credential,
    rights: wire.rights === '' ? [] : wire.rights.split(' '),
    projectRights:
      wire.project_rights === undefined ? {} : z.parse(projectRightsForm(), JSON.parse(wire.project_rights)),
    ...(wire.project !== undefined && { project: wire.project }),
    ofOperator: wire.of_operator === 'true',
    tokenId: wire.token_id,
    ...(wire.family_id !== undefined && { familyId: wire.family_id }),
    ...(wire.session_id !== undefined && { sessionId: wire.session_id }),
    ...(wire.consent_id !== undefined && { consentId: wire.consent_id }),
  };
}
