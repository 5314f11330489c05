import type { Mapping } from './api-gateway/listener.ts';
import type { RestApi } from './api-gateway/rest-api.ts';
import type { Resolver } from './cloudformation/resolver.ts';
import { StartupError } from './startup-error.ts';

/**
 * `one`: all APIs behind one origin, told apart by their first path segment, as behind a custom domain.
 * `separate`: each at an origin of its own, as AWS gives them without a domain.
 */
export type OriginForm = 'one' | 'separate';

/** The metadata of RFC 8414 §3.1 stands before the issuer's path, at the root of the origin. */
const wellKnown = { basePath: '.well-known', resource: '/oauth-authorization-server/' };

/** What each origin serves, in the order of the origins. */
export function mappingsOf(form: OriginForm, apis: readonly RestApi[], resolver: Resolver): Mapping[][] {
  if (form === 'separate') {
    return apis.map((api) => [{ basePath: api.stageName, api, viaCustomDomain: false }]);
  }
  const declared = resolver.resources('AWS::ApiGateway::BasePathMapping').map(({ properties, stack, logicalId }) => {
    const api = apis.find(({ id }) => id === properties.RestApiId);
    const basePath = properties.BasePath;
    if (!api || typeof basePath !== 'string' || basePath === '' || basePath.includes('/')) {
      throw new StartupError(`stack ${stack.name}: the local run does not know the base path of ${logicalId}`);
    }
    return { basePath, api, viaCustomDomain: true };
  });
  const mappings = declared.length > 0 ? declared : undeclaredMappings(apis);
  const doubled = mappings.find(
    ({ basePath }, index) => mappings.findIndex((other) => other.basePath === basePath) < index,
  );
  if (doubled) {
    throw new StartupError(
      `two REST APIs want the base path ${doubled.basePath}; LATCHKEY_ORIGINS=separate keeps them apart`,
    );
  }
  return [mappings];
}

/** Without a domain in the templates: what its stack would map, base paths named as the stages. */
function undeclaredMappings(apis: readonly RestApi[]): Mapping[] {
  const metadata = apis.find(({ methods }) =>
    methods.some(({ resourcePath }) => resourcePath.startsWith(wellKnown.resource)),
  );
  return [
    ...apis.map((api) => ({ basePath: api.stageName, api, viaCustomDomain: true })),
    ...(metadata ? [{ basePath: wellKnown.basePath, api: metadata, viaCustomDomain: true }] : []),
  ];
}

/**
 * Puts local origins in the place of `https://{api}.execute-api.{region}.amazonaws.com` and of custom domains.
 *
 * @param origins in the order of {@link mappingsOf}.
 */
export function originRewriter(
  form: OriginForm,
  apiIds: readonly string[],
  domains: readonly string[],
  region: string,
  origins: readonly string[],
): (text: string) => string {
  const replacements = new Map<string, string>();
  apiIds.forEach((id, index) => {
    replacements.set(`${id}.execute-api.${region}.amazonaws.com`, origins[form === 'one' ? 0 : index] ?? '');
  });
  for (const domain of domains) {
    replacements.set(domain, origins[0] ?? '');
  }
  return (text) =>
    text.includes('https://')
      ? text.replaceAll(
          /https:\/\/([A-Za-z0-9.-]+)(?![A-Za-z0-9.:-])/g,
          (whole, host) => replacements.get(host) ?? whole,
        )
      : text;
}
