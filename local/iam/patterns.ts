/** A part of a pattern: one literal character, text put in for a variable, or a wildcard. */
export type PatternPart = string | { readonly literal: string } | typeof ANY_CHARACTER | typeof ANY_CHARACTERS;

export const ANY_CHARACTER: unique symbol = Symbol('?');
export const ANY_CHARACTERS: unique symbol = Symbol('*');

/** Splits a pattern without variables into its parts. */
export function patternParts(pattern: string): PatternPart[] {
  return [...pattern].map((character) =>
    character === '*' ? ANY_CHARACTERS : character === '?' ? ANY_CHARACTER : character,
  );
}

interface Step {
  readonly kind: 'literal' | 'one' | 'many';
  readonly character: string;
  /** Whether a wildcard may stand for a colon. */
  readonly crossesColons: boolean;
}

/** Whether `*` (any run of characters, the empty one too) and `?` (exactly one) of the pattern can yield the whole text. */
export function matchesText(parts: readonly PatternPart[], text: string): boolean {
  return runSteps(
    parts.flatMap((part) => steps(part, true)),
    text,
  );
}

/**
 * Whether a `Resource` pattern matches an ARN, as the IAM User Guide documents it ("Using wildcards in resource ARNs"):
 * the five first colons divide the pattern into segments; a wildcard stays within its segment, save that `*` as a
 * segment's last character can run past colons; the sixth segment may itself hold colons.
 */
export function matchesResourceArn(parts: readonly PatternPart[], arn: string): boolean {
  return runSteps(
    arnSegments(parts).flatMap((segment, index) => [
      ...(index === 0 ? [] : steps(':', false)),
      ...segment.flatMap((part, position) =>
        steps(part, index === 5 || (part === ANY_CHARACTERS && position === segment.length - 1)),
      ),
    ]),
    arn,
  );
}

/**
 * Whether an `ArnEquals` or `ArnLike` pattern (they are the same operator) matches: "each of the six colon-delimited
 * components of the ARN is checked separately", so that no wildcard runs past one of the five first colons.
 */
export function matchesArnComponents(parts: readonly PatternPart[], arn: string): boolean {
  const segments = arnSegments(parts);
  const components = arnSegments([...arn]).map((component) => component.join(''));
  return (
    segments.length === 6 &&
    components.length === 6 &&
    segments.every((segment, index) => matchesText(segment, components[index] ?? ''))
  );
}

/** The six segments of an ARN or an ARN pattern, fewer where it has fewer colons. */
export function arnSegments(parts: readonly PatternPart[]): PatternPart[][] {
  const segments: PatternPart[][] = [[]];
  for (const part of parts) {
    if (part === ':' && segments.length < 6) {
      segments.push([]);
    } else {
      segments.at(-1)?.push(part);
    }
  }
  return segments;
}

function steps(part: PatternPart, crossesColons: boolean): Step[] {
  if (part === ANY_CHARACTER) {
    return [{ kind: 'one', character: '', crossesColons }];
  }
  if (part === ANY_CHARACTERS) {
    return [{ kind: 'many', character: '', crossesColons }];
  }
  const literal = typeof part === 'string' ? part : part.literal;
  return [...literal].map((character) => ({ kind: 'literal', character, crossesColons }));
}

/** Follows every way the pattern can go at once, so that time grows with pattern × text and never exponentially. */
function runSteps(pattern: readonly Step[], text: string): boolean {
  let reached = new Uint8Array(pattern.length + 1);
  reached[0] = 1;
  for (const character of text) {
    skipEmptyRuns(pattern, reached);
    const next = new Uint8Array(pattern.length + 1);
    let alive = false;
    for (let index = 0; index < pattern.length; index++) {
      const step = pattern[index];
      if (reached[index] === 0 || step === undefined) {
        continue;
      }
      const wildcardFits = step.crossesColons || character !== ':';
      if (step.kind === 'many' ? wildcardFits : step.kind === 'one' ? wildcardFits : step.character === character) {
        next[step.kind === 'many' ? index : index + 1] = 1;
        alive = true;
      }
    }
    if (!alive) {
      return false;
    }
    reached = next;
  }
  skipEmptyRuns(pattern, reached);
  return reached[pattern.length] === 1;
}

function skipEmptyRuns(pattern: readonly Step[], reached: Uint8Array): void {
  for (let index = 0; index < pattern.length; index++) {
    if (reached[index] === 1 && pattern[index]?.kind === 'many') {
      reached[index + 1] = 1;
    }
  }
}
