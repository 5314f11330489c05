import { isRight } from '../../../api/rights.ts';
import type { RegisteredApi } from '../../../entities/deployment.ts';
import type { Holdings } from '../../../entities/holdings.ts';
import type { Integration } from '../../../entities/integration.ts';
import { InvalidScope } from '../../errors.ts';
import type { Form } from '../../form.ts';
import { holdingsOfIntegration } from '../../holdings.ts';
import { meaningfulScopes, parseScope } from '../../scope.ts';
import { narrowedRights } from '../../token-rights.ts';
import type { CheckedRequest, ResponseType, RightsInQuestion } from '../request.ts';
import { isImplicit } from './response-type.ts';

/**
 * What is asked for, of what the integration holds; what the user holds is another question.
 *
 * @throws InvalidScope a right that it does not hold, an unknown one, one that the flow may not carry, or nothing at all
 * @throws InvalidAuthorizationDetails, InvalidTarget
 */
export function requestedRights(
  { form, integration }: CheckedRequest,
  responseType: ResponseType,
  apis: readonly RegisteredApi[],
): RightsInQuestion {
  const asked = askedRights(form, integration, apis);
  if (!isImplicit(responseType)) return asked;
  if (rightsIn(asked.rights).some(isForbiddenInUrls)) throw new InvalidScope('a right that no URL may carry');
  // OIDC Core §11: there is no refresh token that could be used offline.
  return { ...asked, scopes: asked.scopes.filter((scope) => scope !== 'offline_access') };
}

/**
 * What `scope`, `authorization_details` and `resource` ask for, of what the integration holds. Values without a colon
 * that are not known, or mean nothing beside the others, are ignored.
 *
 * @throws InvalidScope a right that is unknown or held nowhere, or nothing at all
 * @throws InvalidAuthorizationDetails, InvalidTarget
 */
export function askedRights(form: Form, integration: Integration, apis: readonly RegisteredApi[]): RightsInQuestion {
  const scope = form.get('scope');
  const values = scope === undefined ? [] : parseScope(scope);
  const resources = [...new Set(form.all('resource'))];
  const rights = narrowedRights(
    holdingsOfIntegration(integration),
    {
      scope: values.filter((value) => value.includes(':') || isRight(value)),
      authorizationDetails: form.get('authorization_details'),
      resources,
    },
    apis,
  );
  const scopes = meaningfulScopes(values, integration.grantTypes.includes('refresh_token'));
  const asked = { scopes, rights, resources };
  if (isNothing(asked)) throw new InvalidScope('nothing is asked for');
  return asked;
}

/** Whether a token would open nothing: no API's right, and not this server's own userinfo endpoint. */
export function isNothing({ scopes, rights }: RightsInQuestion): boolean {
  return !scopes.includes('openid') && rightsIn(rights).length === 0;
}

function rightsIn({ global, byProject }: Holdings): readonly string[] {
  return [...global, ...Object.values(byProject).flat()];
}

const forbiddenInUrls: readonly string[] = ['authorizations:decide', 'personal-access-tokens:manage'];

/** What nobody should get hold of who finds a browser's history. */
function isForbiddenInUrls(right: string): boolean {
  return right.endsWith(':manage') || forbiddenInUrls.includes(right);
}
