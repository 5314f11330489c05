import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { LatchkeyApp } from '../../lib/latchkey-app.ts';
import { type Stage, stage } from '../../lib/stage.ts';

export type Properties = Readonly<Record<string, unknown>>;
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly Metadata?: unknown;
}

const folders: string[] = [];

/** A folder that is gone when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The templates of a stage's stacks, by the last part of their names: `Data`, `Auth` … */
export function synthesize(options: Partial<Stage> = {}): Readonly<Record<string, Template>> {
  const assembly = new LatchkeyApp(stage(options), { validate: false, outdir: temporaryFolder() }).synth();
  return Object.fromEntries(
    assembly.stacks.map((stack) => [stack.stackName.split('-').at(-1), stack.template as Template]),
  );
}

/** A template that must exist. */
export function templateOf(templates: Readonly<Record<string, Template>>, name: string): Template {
  const found = templates[name];
  if (found === undefined) throw new Error(`there is no stack ${name}`);
  return found;
}

/** Every resource of a type in all templates, as `[logical id, resource]`. */
export function resourcesOf(
  templates: Readonly<Record<string, Template>> | Template,
  type: string,
): readonly (readonly [string, Resource])[] {
  const all = isTemplate(templates) ? [templates] : Object.values(templates);
  return all.flatMap((template) => Object.entries(template.Resources)).filter(([, resource]) => resource.Type === type);
}

function isTemplate(candidate: Readonly<Record<string, Template>> | Template): candidate is Template {
  return 'Resources' in candidate;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The statements of each policy of a role, by the logical id of the function that has the role. */
export function statementsByFunction(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const byRole = new Map<string, Statement[]>();
  for (const [, policy] of resourcesOf(template, 'AWS::IAM::Policy')) {
    const { PolicyDocument, Roles } = policy.Properties as unknown as {
      PolicyDocument: { Statement: Statement[] };
      Roles: { Ref: string }[];
    };
    for (const { Ref } of Roles) byRole.set(Ref, [...(byRole.get(Ref) ?? []), ...PolicyDocument.Statement]);
  }
  return new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      id,
      byRole.get((Properties.Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]) ?? [],
    ]),
  );
}

/** The actions of a statement, one or several. */
export function actionsOf(statement: Statement): readonly string[] {
  return [statement.Action].flat();
}

/** The one resource of a type. */
export function onlyResource(template: Template, type: string): Resource {
  const [found, ...others] = resourcesOf(template, type);
  if (found === undefined || others.length > 0) throw new Error(`not one ${type} but ${others.length}`);
  return found[1];
}

/** The properties and the environment of the first function whose description matches. */
export function functionDescribed(
  templates: Readonly<Record<string, Template>> | Template,
  description: RegExp,
): { readonly properties: Properties; readonly variables: Readonly<Record<string, unknown>> } {
  const [, found] =
    resourcesOf(templates, 'AWS::Lambda::Function').find(([, { Properties }]) =>
      description.test(String(Properties.Description)),
    ) ?? [];
  if (found === undefined) throw new Error(`no function is described as ${description}`);
  const { Variables } = found.Properties.Environment as { Variables: Record<string, unknown> };
  return { properties: found.Properties, variables: Variables };
}
