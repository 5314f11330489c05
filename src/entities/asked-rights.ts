import type { Integration, RequestedRight } from './integration.ts';
import type { RequestedRights } from './requested-rights.ts';

/** A right that an application asks for, itself or within another. */
export interface RightAskedFor {
  /** The version since which every one has asked for it: who accepted an earlier one has not accepted this right. */
  readonly since: number;
  /** Rights that include it: who was granted one of them, and holds that no more, keeps this one. */
  readonly impliedBy?: readonly string[] | undefined;
  /** Set where it is not asked for itself, but included in one that is. */
  readonly implied?: true | undefined;
}

/** The rights that an application asks for, by name, with those that they include. */
export type AskedRights = Readonly<Record<string, RightAskedFor>>;

/** Pairs of rights of which the first includes the second. */
export type Implications = readonly (readonly [right: string, implied: string])[];

/**
 * What a version asks for, where every right keeps the version since which it has been asked for without interruption.
 *
 * @param before what the version before asked for
 */
export function askedRights(
  before: AskedRights,
  names: readonly string[],
  version: number,
  implications: Implications,
): AskedRights {
  const within = implications.filter(([right]) => names.includes(right)).map(([, implied]) => implied);
  return Object.fromEntries(
    [...new Set([...names, ...within])].map((name) => {
      const impliedBy = implications.filter(([, implied]) => implied === name).map(([right]) => right);
      return [
        name,
        {
          since: before[name]?.since ?? version,
          ...(impliedBy.length > 0 && { impliedBy }),
          ...(!names.includes(name) && { implied: true }),
        },
      ];
    }),
  );
}

/** The rights that are asked for themselves. */
export function namesAskedFor(asked: AskedRights): string[] {
  return Object.keys(asked).filter((name) => asked[name]?.implied !== true);
}

/**
 * Of what a connection asked for in one context, what its application asks for and was accepted. Of a right that was granted
 * and is asked for no more, what it included stays where that is.
 *
 * @param acceptedVersion the version that was accepted, unless a right says under which it was asked for
 */
export function acceptedAmong(rights: RequestedRights, asked: AskedRights, acceptedVersion: number): RequestedRights {
  const isAccepted = (name: string, requested: RequestedRight) =>
    (asked[name]?.since ?? Number.POSITIVE_INFINITY) <= (requested.acceptedVersion ?? acceptedVersion);
  const kept = Object.fromEntries(Object.entries(rights).filter(([name, requested]) => isAccepted(name, requested)));
  const lost = Object.entries(rights).filter(([name, { state }]) => state === 'granted' && !Object.hasOwn(kept, name));
  const included = Object.entries(asked).flatMap(([name, { impliedBy }]) => {
    // What was decided of it by itself stays decided.
    if (kept[name] !== undefined && kept[name].state !== 'pending') return [];
    const wider = lost.find(([right, requested]) => impliedBy?.includes(right) && isAccepted(name, requested));
    return wider === undefined ? [] : [[name, wider[1]] as const];
  });
  return included.length === 0 ? kept : { ...kept, ...Object.fromEntries(included) };
}

/** The same of names alone, all of them granted under the version that was accepted. */
function acceptedNames(names: readonly string[], asked: AskedRights, acceptedVersion: number): string[] {
  const granted = { state: 'granted', requestedBy: '' } as const;
  return Object.keys(acceptedAmong(Object.fromEntries(names.map((name) => [name, granted])), asked, acceptedVersion));
}

/** The same of what is granted in single projects, by project. */
export function acceptedInProjects(
  listed: Readonly<Record<string, readonly string[]>>,
  asked: AskedRights,
  acceptedVersion: number,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(listed)
      .map(([project, names]) => [project, acceptedNames(names, asked, acceptedVersion)] as const)
      .filter(([, names]) => names.length > 0),
  );
}

/**
 * What an integration asked for in one context, as far as it counts by itself: of a connection, without what the accepted
 * version asks for anew since then.
 */
export function countedRights(
  { application }: Pick<Integration, 'application'>,
  rights: RequestedRights,
): RequestedRights {
  if (application === undefined) return rights;
  return acceptedAmong(rights, application.rights, application.acceptedVersion);
}
