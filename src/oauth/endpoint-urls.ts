import { authorizationServerRoutes } from '../api/routes/authorization-server.ts';

/** The URL of one of the authorization server's operations: its route below the issuer. */
export function endpointUrl(issuer: string, operation: keyof typeof authorizationServerRoutes): string {
  return issuer + authorizationServerRoutes[operation].path;
}
