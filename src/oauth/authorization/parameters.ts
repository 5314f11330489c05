import { Form } from '../form.ts';
import type { RequestParameters } from './request.ts';

/** Every parameter that an authorization request is read for; what else it holds is ignored (RFC 6749 §3.1). */
const parameterNames = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'response_mode',
  'nonce',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'authorization_details',
  'dpop_jkt',
  'request',
  'request_uri',
  'registration',
] as const;

/** RFC 8707 §2: the one parameter that may be given more than once. */
const repeatable = 'resource';

/** The parameters of a query, its values decoded. */
export function parametersOfQuery(
  query: Readonly<Record<string, readonly string[] | undefined>> | null,
): RequestParameters {
  const known: ReadonlySet<string> = new Set(parameterNames);
  const found = Object.entries(query ?? {}).filter(
    (entry): entry is [string, readonly string[]] =>
      entry[1] !== undefined && (known.has(entry[0]) || entry[1].length > 1),
  );
  return Object.fromEntries(found);
}

/** The parameters of a form that was read already. */
export function parametersOfForm(form: Form): RequestParameters {
  const found = parameterNames.map((name): [string, readonly string[]] => {
    const value = form.get(name);
    return [name, name === repeatable ? form.all(name) : value === undefined ? [] : [value]];
  });
  return Object.fromEntries(found.filter(([, values]) => values.length > 0));
}

/** The parameters as checks read them; one without a value counts as absent (RFC 6749 §3.1). */
export function formOf(parameters: RequestParameters): Form {
  return new Form(
    new Map(
      Object.entries(parameters)
        .map(([name, values]) => [name, values.filter((value) => value !== '')] as const)
        .filter(([, values]) => values.length > 0),
    ),
  );
}

/** The names of those that came more than once, and may not (RFC 6749 §3.1). */
export function repeatedIn(parameters: RequestParameters): ReadonlySet<string> {
  const repeated = Object.entries(parameters).filter(([name, { length }]) => length > 1 && name !== repeatable);
  return new Set(repeated.map(([name]) => name));
}
