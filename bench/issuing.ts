import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { answersPerSecond } from './issuing/load.ts';
import { timeByPart } from './issuing/profile.ts';
import { pinned, pinToCore } from './processor.ts';
import { rate, ratioGoal, rendered, type Section } from './report.ts';
import { betterQuartile, compared } from './rounds.ts';

const servers = {
  floor: 'bare `node:http` that signs one JWT',
  latchkey: 'Latchkey',
  'oauth2-server': '`@node-oauth/oauth2-server` with jose',
  'oidc-provider': '`oidc-provider`',
} as const;
type Server = keyof typeof servers;

const roundMilliseconds = 1_500;
const rounds = 8;

interface Running {
  readonly name: Server;
  readonly process: ChildProcess;
  readonly port: number;
  /** Microseconds of processor time for each answer, one figure a round. */
  readonly microseconds: number[];
}

/** How many tokens a second one core issues, against peers and against what signing alone allows. */
export async function issuing(): Promise<Section> {
  pinToCore(1);
  const running = await Promise.all((Object.keys(servers) as Server[]).map(start));
  try {
    const contestants = running.map((server) => [server.name, () => round(server)] as const);
    const measured = section(await compared(Object.fromEntries(contestants), rounds, 'higher'), running);
    return measured.goals.every(({ met }) => met) ? measured : { ...measured, notes: [await whereTheTimeGoes()] };
  } finally {
    for (const { process } of running) process.disconnect();
  }
}

/** The profile that says why a goal was missed. */
async function whereTheTimeGoes(): Promise<string> {
  const profile = async (name: Server) => {
    const parts = await timeByPart(fileOf(name));
    return parts.map(([part, share]) => `${part} ${Math.round(share * 100)} %`).join(', ');
  };
  return `Where the time goes, by a profile of each server; what both have in common no server can save. Latchkey: ${await profile('latchkey')}. The floor: ${await profile('floor')}.`;
}

const fileOf = (name: Server) => fileURLToPath(new URL(`./issuing/${name}.ts`, import.meta.url));

async function start(name: Server): Promise<Running> {
  const [execPath, ...execArgv] = pinned(0, process.execPath);
  const child = fork(fileOf(name), { execPath, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [port] = (await once(child, 'message')) as [number];
  return { name, process: child, port, microseconds: [] };
}

async function round(server: Running): Promise<number> {
  const before = await processorTime(server);
  const started = performance.now();
  const perSecond = await answersPerSecond(server.port, roundMilliseconds);
  const answers = (perSecond * (performance.now() - started)) / 1000;
  server.microseconds.push(((await processorTime(server)) - before) / answers);
  return perSecond;
}

async function processorTime({ process }: Running): Promise<number> {
  const answered = once(process, 'message');
  process.send('processor time');
  const [usage] = (await answered) as [NodeJS.CpuUsage];
  return usage.user + usage.system;
}

function section(perSecond: Record<string, number>, running: readonly Running[]): Section {
  const times = new Map(running.map(({ name, microseconds }) => [name, betterQuartile(microseconds, 'lower')]));
  const time = (name: Server) => times.get(name) ?? Number.NaN;
  return {
    title: 'Issuing a token',
    how: [
      '`client_credentials` with `client_secret_basic`, answered with an ES256 JWT of RFC 9068, over 16 kept connections;',
      'server and client on a core each. Latchkey is its deployed token endpoint, middy included, behind bare `node:http`,',
      'with ports in memory and a local signer. The floor reads the request, looks at nothing, signs and answers. Compared',
      "is the server's processor time for each token, which is what a core of its own would give and does not hang on the",
      'client; what came over the wire is beside it.',
    ].join('\n'),
    columns: ['server', 'processor time a token, µs', 'tokens a second of it', 'over the wire', 'of the floor'],
    rows: running.map(({ name }) => [
      servers[name],
      time(name).toFixed(0),
      rate(1e6 / time(name)),
      rate(perSecond[name] ?? Number.NaN),
      (time('floor') / time(name)).toFixed(2),
    ]),
    goals: [
      ratioGoal('at least 2.5 times `oidc-provider`', time('oidc-provider') / time('latchkey'), { atLeast: 2.5 }),
      ratioGoal('at least 0.7 of the floor', time('floor') / time('latchkey'), { atLeast: 0.7 }),
    ],
  };
}

if (import.meta.main) console.log(rendered(await issuing()));
