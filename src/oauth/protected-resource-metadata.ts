import { type ApiName, apis, rightNames, rightOf } from '../api/rights.ts';

/**
 * What a protected API tells of itself to clients that do not know it (RFC 9728 §2). The operator's own rights are left
 * out: outside its tenant they do not exist.
 *
 * @param resource the API's base URL: the audience of its rights
 */
export function protectedResourceMetadata(api: ApiName, resource: string, issuer: string) {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: rightNames.filter((name) => rightOf(name).api === api && !rightOf(name).operatorOnly),
    bearer_methods_supported: ['header'],
    resource_name: apis[api].title,
  };
}
