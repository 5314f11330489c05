import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { answersPerSecond } from './issuing/load.ts';
import { pinned, pinToCore } from './processor.ts';
import { rate, ratioGoal, rendered, type Section } from './report.ts';
import { median, medians } from './rounds.ts';

const servers = {
  floor: 'bare `node:http` that signs one JWT',
  latchkey: 'Latchkey',
  'oauth2-server': '`@node-oauth/oauth2-server` with jose',
  'oidc-provider': '`oidc-provider`',
} as const;
type Server = keyof typeof servers;

const roundMilliseconds = 1_500;
const rounds = 7;

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
    return section(await medians(Object.fromEntries(contestants), rounds), running);
  } finally {
    for (const { process } of running) process.disconnect();
  }
}

async function start(name: Server): Promise<Running> {
  const file = fileURLToPath(new URL(`./issuing/${name}.ts`, import.meta.url));
  const [execPath, ...execArgv] = pinned(0, process.execPath);
  const child = fork(file, { execPath, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
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
  const of = (name: Server) => perSecond[name] ?? Number.NaN;
  return {
    title: 'Issuing a token',
    how: [
      '`client_credentials` with `client_secret_basic`, answered with an ES256 JWT of RFC 9068, over 16 kept connections;',
      'server and client on a core each. Latchkey is its deployed token endpoint, middy included, behind bare `node:http`,',
      'with ports in memory and a local signer. The floor reads the request, looks at nothing, signs and answers.',
    ].join('\n'),
    columns: ['server', 'tokens a second', 'processor time a token, µs', 'of the floor'],
    rows: running.map(({ name, microseconds }) => [
      servers[name],
      rate(of(name)),
      median(microseconds).toFixed(0),
      (of(name) / of('floor')).toFixed(2),
    ]),
    goals: [
      ratioGoal('at least 2.5 times `oidc-provider`', of('latchkey') / of('oidc-provider'), { atLeast: 2.5 }),
      ratioGoal('at least 0.7 of the floor', of('latchkey') / of('floor'), { atLeast: 0.7 }),
    ],
  };
}

if (import.meta.main) console.log(rendered(await issuing()));
