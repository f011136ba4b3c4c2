/** The machine's Chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** Whether there is one; says what is skipped where there is none. @throws with CI=true, which must bring it. */
export function hasChromium(tests: string): boolean {
  if (!executablePath && process.env['CI'] === 'true')
    throw new Error('CI must bring Chromium (apt-get install chromium)');
  if (!executablePath) process.stderr.write(`skipped: ${tests}; no Chromium on this machine\n`);
  return executablePath !== undefined;
}

export function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--mute-audio'];
  return chromium.launch({ executablePath: executablePath!, args, timeout: 100_000 });
}
