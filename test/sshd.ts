import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const sshd = '/usr/sbin/sshd';

/**
 * Whether an SSH server can be started that asks a command for keys: that needs sshd, and root, to whom the command must
 * belong. Where `LATCHKEY_REQUIRE_SSHD=1`, its absence is a failure; elsewhere it is said.
 */
export function hasSshd(): boolean {
  const missing = !existsSync(sshd)
    ? "there is no sshd: Debian's package `openssh-server` is one"
    : process.getuid?.() !== 0
      ? 'only root can start an sshd that asks a command for keys'
      : undefined;
  if (missing === undefined) return true;
  if (process.env.LATCHKEY_REQUIRE_SSHD === '1') throw new Error(`LATCHKEY_REQUIRE_SSHD is 1 and ${missing}.`);
  console.warn(`SSH keys were not tried with a real sshd: ${missing}.`);
  return false;
}

/** A started SSH server, and the files that belong to it. */
export interface SshServer {
  /** Runs a command over SSH as root with the private key of `keyPath`. */
  run(keyPath: string, command: string): { readonly status: number; readonly output: string };
  /** Makes a key pair; its path, and the text of its public half. */
  newKey(name: string, ...options: readonly string[]): { readonly path: string; readonly publicKey: string };
  /** What the server has logged. */
  readonly log: () => string;
  stop(): Promise<void>;
}

const nobody = 65534;

/**
 * An sshd on a free port of the loopback address that accepts no key but those that the example's command prints.
 *
 * @param settings of the command: what stands in its configuration, besides where it keeps its token
 */
export async function startSshd(settings: Readonly<Record<string, string>>): Promise<SshServer> {
  // Folders above a command that sshd runs must not be writable by anybody but root, as the one for temporary files is.
  mkdirSync('/run/sshd', { recursive: true });
  const folder = mkdtempSync('/run/latchkey-ssh-');
  chmodSync(folder, 0o755);
  const at = (name: string) => join(folder, name);
  mkdirSync(at('token'), { mode: 0o700 });
  chownSync(at('token'), nobody, nobody);
  copyFileSync('examples/ssh/authorized-keys', at('authorized-keys'));
  chmodSync(at('authorized-keys'), 0o755);
  const lines = Object.entries({ ...settings, LATCHKEY_TOKEN_FILE: at('token/token') });
  writeFileSync(at('latchkey-ssh.conf'), lines.map(([name, value]) => `${name}='${value}'\n`).join(''), {
    mode: 0o400,
  });
  chownSync(at('latchkey-ssh.conf'), nobody, nobody);
  const newKey = (name: string, ...options: readonly string[]) => {
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', name, '-f', at(name), ...options]);
    return { path: at(name), publicKey: execFileSync('cat', [`${at(name)}.pub`], { encoding: 'utf8' }).trim() };
  };
  newKey('host', '-t', 'ed25519');
  const port = await freePort();
  const configuration = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${at('host')}`,
    'PidFile none',
    'UsePAM no',
    'AuthenticationMethods publickey',
    'AuthorizedKeysFile none',
    `AuthorizedKeysCommand ${at('authorized-keys')} ${at('latchkey-ssh.conf')} %f`,
    'AuthorizedKeysCommandUser nobody',
    'PermitUserEnvironment LATCHKEY_*',
    'LogLevel VERBOSE',
  ];
  writeFileSync(at('sshd_config'), `${configuration.join('\n')}\n`);
  const server = spawn(sshd, ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let logged = '';
  server.stderr.on('data', (chunk) => {
    logged += chunk;
  });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  for (let waited = 0; !logged.includes('Server listening'); waited += 20) {
    if (server.exitCode !== null || waited > 10_000) throw new Error(`sshd did not start:\n${logged}`);
    await sleep(20);
  }
  const client = ['-F', 'none', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'];
  const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  return {
    newKey,
    log: () => logged,
    run(keyPath, command) {
      try {
        const target = ['-i', keyPath, '-p', String(port), 'root@127.0.0.1', command];
        return {
          status: 0,
          output: execFileSync('ssh', [...client, ...known, ...target], { encoding: 'utf8', stdio: 'pipe' }),
        };
      } catch (error) {
        const { status, stderr } = error as { status: number; stderr: string };
        return { status, output: stderr };
      }
    },
    async stop() {
      server.kill();
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
