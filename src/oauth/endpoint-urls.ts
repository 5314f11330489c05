import { authorizationServerRoutes } from '../api/authorization-server-routes.ts';

/** The URL of one of the authorization server's operations: its route below the issuer. */
export function endpointUrl(issuer: string, operation: keyof typeof authorizationServerRoutes): string {
  return issuer + authorizationServerRoutes[operation].path;
}
