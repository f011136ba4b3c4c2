/**
 * A screening service over the toy analysis that hands itself files and reviews until all is done, small enough to be killed hundreds of times:
 * `node --import tsx test/support/screening-run.ts <folder> [--files n] [--delay ms] [--webhook address]`. Begun again, it hands in only what it has no answer for: a client that got none sends once more.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openWebhooks } from '../../src/screening/http/webhooks.ts';
import { defaultPolicy } from '../../src/screening/policy.ts';
import { openService } from '../../src/screening/service.ts';
import { toyAnalyse } from './toy-analyse.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', default: '40' },
    delay: { type: 'string', default: '5' },
    webhook: { type: 'string', multiple: true, default: [] },
  },
});
const folder = positionals[0]!;
const answers = `${folder}.answers`;

const service = await openService({
  folder,
  analyse: toyAnalyse({ delayMs: Number(values.delay) }),
  policy: { ...defaultPolicy, releasesNeeded: 2 },
  bundle: 'toy-1',
  parallel: 2,
  mostWaiting: 1000,
});

const secret = 'a secret of at least 32 characters, 7391';
const webhooks = await openWebhooks(
  join(folder, 'webhooks'),
  values.webhook.map((url) => ({ url, secret })),
  (line) => void process.stderr.write(`${line}\n`),
);
service.on(webhooks.tell);

/** Every third file is the one before it once more. */
const contentOf = (i: number): string => {
  const k = numberOf(i);
  return `${'cmsnut'[k % 6]!}${k}`;
};
const numberOf = (i: number): number => 2 * Math.floor(i / 3) + Math.min(1, i % 3);
const answered = existsSync(answers) ? readFileSync(answers, 'utf8').split('\n') : [];

async function hand(i: number): Promise<void> {
  if (answered.some((line) => line.startsWith(`${i} `))) return;
  const path = join(service.incoming, `file-${i}-${process.pid}.mp4`);
  writeFileSync(path, contentOf(i).padEnd(5000, '.'));
  const { requestId, sha256 } = await service.submit({
    name: `${i}.toy`,
    source: 'test',
    submitter: 'ann',
    path,
  });
  appendFileSync(answers, `${i} ${requestId} ${sha256}\n`);
}

const files = Number(values.files);
for (let i = 0; i < files; i += 4)
  await Promise.all([0, 1, 2, 3].filter((more) => i + more < files).map((more) => hand(i + more)));
while (service.health().waiting + service.health().analysing > 0) await sleep(5);

// People decide about half of what is held, and some of it is erased.
for (const { quarantineId, reviews, media } of service.quarantine({ page: 0, size: 1000, state: 'held' })
  .items) {
  const turn = numberOf(Number.parseInt(media[0]!.name, 10)) % 4;
  const decision = turn === 1 ? 'confirmed' : 'released';
  const said = { decision, basis: 'opinion', reason: 'seen', opinionBefore: 'unsure' } as const;
  if (turn === 0) continue;
  for (const reviewer of decision === 'confirmed' ? ['rita'] : ['rita', 'otto'])
    if (!reviews.some((review) => review.reviewer === reviewer))
      await service.review(quarantineId, { ...said, reviewer });
}
for (const { sha256, kept } of service.quarantine({ page: 0, size: 1000, state: 'confirmed' }).items)
  if (kept) await service.erase(sha256, 'adam', 'asked to');
await service.settled();
await service.close();
while (webhooks.waiting() > 0) await sleep(5);
await webhooks.close();
process.stdout.write('done\n');
