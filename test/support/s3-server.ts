/** An S3-compatible server on loopback: moto, which keeps everything in memory. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { freePort } from './free-port.ts';
import { endWithUs } from './queue.ts';

/** Starts it with an empty bucket and names it in the environment of this process, as its users do. */
export async function startS3(
  command: string,
): Promise<{ address: string; damage(sha256: string): Promise<void>; stop(): void }> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = endWithUs(spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' }));
  const keys = { accessKeyId: 'test', secretAccessKey: 'only a test' };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: endpoint,
  });
  const client = new AwsClient({ ...keys, service: 's3', region: 'us-east-1', retries: 0 });
  const put = (path: string, body?: string): Promise<boolean> =>
    client.fetch(`${endpoint}/${path}`, { method: 'PUT', ...(body === undefined ? {} : { body }) }).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let attempt = 0; !(await put('bucket')); attempt++) {
    if (attempt === 300 || child.exitCode !== null) throw new Error('moto did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    address: 's3://bucket/some/prefix',
    async damage(sha256) {
      const path = `bucket/some/prefix/files/${sha256.slice(0, 2)}/${sha256}`;
      if (!(await put(path, `not ${createHash('md5').update(sha256).digest('hex')}`)))
        throw new Error('not damaged');
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
