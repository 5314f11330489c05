/** A template or mapping that the local run cannot serve as API Gateway would. */
export class UnknownTemplateFeature extends Error {
  override readonly name = 'UnknownTemplateFeature';
}

/** The `$context` variables that gateway response templates may use here, `authorizer.*` besides. */
const known = new Set([
  'accountId',
  'apiId',
  'domainName',
  'error.message',
  'error.messageString',
  'error.responseType',
  'extendedRequestId',
  'httpMethod',
  'identity.sourceIp',
  'identity.userAgent',
  'path',
  'protocol',
  'requestId',
  'requestTime',
  'requestTimeEpoch',
  'resourcePath',
  'stage',
]);

const variable = /\$(?:context\.([A-Za-z0-9_.]*[A-Za-z0-9_])|\{context\.([A-Za-z0-9_.]*[A-Za-z0-9_])\})/g;

/**
 * Refuses what is more than plain text and `$context` variables: gateway responses know "simple variable substitution"
 * only, no Velocity (API Gateway Developer Guide, "Gateway responses").
 *
 * @throws {UnknownTemplateFeature} naming what stands there.
 */
export function checkContextTemplate(template: string): void {
  for (const [text, plain, braced] of template.matchAll(variable)) {
    const name = plain ?? braced ?? '';
    if (!known.has(name) && !/^authorizer\.[A-Za-z0-9_]+$/.test(name)) {
      throw new UnknownTemplateFeature(`the variable ${text} is not known to the local run`);
    }
  }
  const other = /\$[A-Za-z{!]\S*|#[a-z{]+/.exec(template.replaceAll(variable, ''));
  if (other) {
    throw new UnknownTemplateFeature(`${other[0]}: gateway responses substitute $context variables only`);
  }
}

/** Puts values in the place of variables; nothing is escaped, as API Gateway escapes nothing; an absent one is empty. */
export function fillContextTemplate(template: string, values: ReadonlyMap<string, string>): string {
  return template.replaceAll(variable, (_, plain?: string, braced?: string) => values.get(plain ?? braced ?? '') ?? '');
}
