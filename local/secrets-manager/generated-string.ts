import { randomInt } from 'node:crypto';
import * as z from 'zod/mini';

/** `AWS::SecretsManager::Secret GenerateSecretString`, the members that the local run knows. */
const GenerateSecretString = z.strictObject({
  PasswordLength: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(4096)), 32),
  ExcludeCharacters: z._default(z.string(), ''),
  ExcludeLowercase: z._default(z.boolean(), false),
  ExcludeUppercase: z._default(z.boolean(), false),
  ExcludeNumbers: z._default(z.boolean(), false),
  ExcludePunctuation: z._default(z.boolean(), false),
  SecretStringTemplate: z.optional(z.string()),
  GenerateStringKey: z.optional(z.string()),
});

/**
 * A random password as CloudFormation has it made, alone or within the template's JSON object.
 *
 * @throws {Error} for a member that is not known here, or characters that leave nothing to choose from.
 */
export function generateSecretString(properties: unknown): string {
  const asked = GenerateSecretString.parse(properties);
  const alphabet = [
    asked.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    asked.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    asked.ExcludeNumbers ? '' : '0123456789',
    asked.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ]
    .flatMap((characters) => [...characters])
    .filter((character) => !asked.ExcludeCharacters.includes(character));
  if (alphabet.length === 0) {
    throw new Error('GenerateSecretString leaves no characters to choose from');
  }
  const password = Array.from({ length: asked.PasswordLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return asked.SecretStringTemplate === undefined || asked.GenerateStringKey === undefined
    ? password
    : JSON.stringify({ ...JSON.parse(asked.SecretStringTemplate), [asked.GenerateStringKey]: password });
}
