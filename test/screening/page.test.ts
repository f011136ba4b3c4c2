/** The review page in a real browser, against a stand-in for the service: every flow, hostile names, refusals, both colour schemes, 400 px and wide. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeJpeg } from '../support/screening-picture.ts';
import { seriousFaults } from '../support/axe.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { findingOf, hostileClaim, hostileName, longName } from '../support/screening-samples.ts';
import { type StandIn, startStandIn } from '../support/screening-stand-in.ts';

describe.skipIf(!hasChromium('the review page in a browser'))('the review page', () => {
  let browser: Browser;
  let picture: Buffer;
  let service: StandIn;
  let context: BrowserContext;
  let page: Page;
  /** What should never happen: errors of scripts, refusals of the page's policy, requests elsewhere. */
  const problems: string[] = [];
  beforeAll(async () => {
    [browser, picture] = await Promise.all([launchChromium(), encodeJpeg()]);
  });
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    service = await startStandIn(picture);
    await open({ width: 1280 });
  });
  afterEach(async () => {
    await context.close();
    await service.close();
    expect(problems).toEqual([]);
    expect(service.withoutToken).toBe(0);
  });

  /** A window of its own, as another person has. */
  async function open({ width = 1280, colorScheme = 'light' as 'light' | 'dark' }): Promise<void> {
    await context?.close();
    context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      reducedMotion: 'reduce',
    });
    page = await context.newPage();
    problems.length = 0;
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      const isRefusal = /Failed to load resource: the server responded/.test(message.text());
      if (message.type() === 'error' && !isRefusal) problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url) && !request.url().startsWith('blob:'))
        problems.push(request.url());
    });
  }

  async function signIn(key: string, hash = '#/'): Promise<void> {
    await page.goto(`${service.url}/${hash}`);
    await page.getByLabel('Key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  }
  const heading = (): Promise<string> => page.locator('h1').innerText();
  const go = async (hash: string, title: string | RegExp): Promise<void> => {
    await page.evaluate(`document.activeElement.blur(); location.hash = ${JSON.stringify(hash)}`);
    await expect.poll(() => isFocused('h1')).toBe(true);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  };
  const text = (): Promise<string> => page.locator('main').innerText();
  const isFocused = (selector: string): Promise<boolean> =>
    page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`);
  const aFile = (name: string, bytes = 2000): { name: string; mimeType: string; buffer: Buffer } => ({
    name,
    mimeType: 'video/mp4',
    buffer: Buffer.alloc(bytes, 7),
  });

  test('a wrong key is refused in words, a right one opens the address asked for, and the key is not kept', async () => {
    await page.goto(`${service.url}/#/card`);
    await page.getByLabel('Key').fill('guessed');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('This key is not known here');
    expect(await isFocused('#key')).toBe(true);
    await page.keyboard.type('key-of-rita');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'About the detectors' }).waitFor();
    expect(await isFocused('h1')).toBe(true);
    expect(await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')).not.toContain(
      'key-of',
    );
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('a file chosen by keyboard is sent, waited for and judged, without a score for its submitter', async () => {
    await signIn('key-of-sam');
    expect(await page.getByRole('link', { name: 'Quarantine' }).count()).toBe(0);
    await page.getByLabel('Drop a file here, or choose one').focus();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(aFile('holiday.mp4'));
    await page.getByRole('heading', { level: 1, name: 'File: holiday.mp4' }).waitFor();
    await page.getByRole('heading', { name: 'Being analysed' }).waitFor();
    await page.getByRole('heading', { name: 'Suspicious: some signs of manipulation' }).waitFor();
    await expect.poll(() => page.locator('#said').textContent()).toContain('Suspicious');
    const shown = await text();
    expect(shown).toContain('What was not examined');
    expect(shown).not.toContain('Which detectors said what');
    expect(shown).not.toMatch(/0\.41|scored this high/);
  });

  test('files that are dropped are sent one after another; one too large says so and can be tried again', async () => {
    await signIn('key-of-rita');
    const data = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(1000)], 'one.mp4'));
      data.items.add(new File([new Uint8Array(1_500_000)], 'huge.mp4'));
      return data;
    })()`);
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
    await page.getByRole('link', { name: /one\.mp4/ }).waitFor();
    await expect
      .poll(() => page.locator('.sent').innerText(), { timeout: 15_000 })
      .toMatch(/Suspicious[\s\S]*larger than this service takes/);
    await page.getByRole('button', { name: 'Try again huge.mp4' }).waitFor();
  });

  test('where the service has no room, it says when there will be, tries again by itself or when told to', async () => {
    service.refusals.set('POST /v1/media', [
      { status: 503, retryAfterSeconds: 2, message: 'too many files wait' },
      { status: 503, retryAfterSeconds: 600 },
    ]);
    await signIn('key-of-rita');
    await page.getByLabel('Drop a file here, or choose one').setInputFiles(aFile('busy.mp4'));
    const row = (): Promise<string> => page.locator('.sent').innerText();
    await expect
      .poll(row)
      .toMatch(/busy: too many files wait\. Try again at \d\d:\d\d:\d\d\. This page will\./);
    await expect.poll(row, { timeout: 10_000 }).toMatch(/busy\. Try again at/);
    await page.getByRole('button', { name: 'Cancel busy.mp4' }).click();
    await expect.poll(row).toContain('cancelled; nothing was kept');
    await page.getByRole('button', { name: 'Try again busy.mp4' }).click();
    await page.getByRole('link', { name: /busy\.mp4/ }).waitFor();
  });

  test('a finding says what it rests on in counts, and never how likely the file is fake', async () => {
    await signIn('key-of-rita', '#/files/request-2');
    await page.getByRole('heading', { name: 'Suspicious: some signs of manipulation' }).waitFor();
    const shown = (await text()).replace(/\s+/g, ' ');
    expect(shown).toContain('2 of 240 tested genuine recordings scored this high');
    // Makers not learned from: 145 of 240 found; 10 of 1,000 stated. 6.04 fakes and 9.9 genuine of 1,000 with 10 fakes.
    expect(shown).toContain('About 6 of the 16 that are called manipulated are fakes');
    // 100 fakes: 60.4 and 9.
    expect(shown).toContain('About 60 of the 69 that are called manipulated are fakes');
    expect(shown).toContain('Content credentials present, but damaged');
    expect(shown).toContain('nothing: it failed on this file');
    expect(shown).toContain('a genuine recording said to be of another day, place or person');
    expect(shown).not.toMatch(/authentic|\d %[^)]{0,40}\b(fake|likely|probab|certain|confiden)/i);
    const scale = page.getByRole('img', {
      name: 'All detectors together: 0.41 on a scale from 0 to 1; suspicious from 0.34; manipulated from 0.50',
    });
    expect(await scale.count()).toBe(1);
    expect(
      await page
        .getByRole('img', {
          name: /Time from 0 to 4\.0 seconds; marked: 0\.4 to 1\.2, 1\.2 to 2\.6, 3\.1 to 4\.0/,
        })
        .count(),
    ).toBe(1);
    expect(shown).toContain('0.4 to 1.2 s: the middle of the picture');
  });

  test('the headline of every other status says what it is and what it is not', async () => {
    await signIn('key-of-rita');
    for (const [id, headline, words] of [
      ['request-3', 'No signs of manipulation found', 'no proof that the file is genuine'],
      ['request-4', 'Not something these detectors can judge', 'not like any that this bundle was tested on'],
      ['request-6', 'Waiting for its turn', 'You may close this page'],
      ['request-7', 'Being analysed', 'You may close this page'],
    ] as const) {
      await go(`#/files/${id}`, /File/);
      await page.getByRole('heading', { name: headline }).waitFor();
      expect(await text()).toContain(words);
      expect(await text()).not.toMatch(/authentic/i);
    }
  });

  test('before a reviewer has an opinion no score is shown: not in the inbox, not on the file, not in its review', async () => {
    await signIn('key-of-rita', '#/files/request-0');
    await page.getByRole('heading', { name: 'Your own opinion comes first' }).waitFor();
    expect(await page.content()).not.toMatch(/0\.87|Clear signs|scored this high/);
    await page.getByRole('link', { name: 'State your opinion' }).click();
    await page.getByRole('heading', { level: 1, name: /Review: statement/ }).waitFor();
    expect(await page.content()).not.toMatch(/0\.87|Clear signs|scored this high/);
    await go('#/quarantine', 'Quarantine');
    expect(await page.content()).not.toMatch(/0\.87|Clear signs|Manipulated|scored this high/);
  });

  test('two reviewers release a file: opinion, score, basis, reason; the first cannot do it twice', async () => {
    await signIn('key-of-rita', '#/quarantine/quarantine-0');
    await page.getByLabel('Unsure').check();
    await page.getByRole('button', { name: /State it/ }).click();
    await page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    expect(await isFocused('.verdict h2')).toBe(true);
    expect(await text()).toContain('Before you saw what the detectors say, you thought: Unsure.');
    await page.getByRole('button', { name: 'Go to your decision' }).click();
    expect(await isFocused('#decision')).toBe(true);
    await page.getByLabel('Released').check();
    await page.getByLabel('The original was found').check();
    await page.getByLabel('Your reason').fill('   ');
    await page.getByRole('button', { name: 'Decide' }).click();
    expect(service.bodies).toEqual([]);
    await page.getByLabel('Your reason').fill(' The broadcaster sent the original. ');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('Another reviewer is needed.').waitFor();
    expect(service.bodies).toEqual([
      { basis: 'original-found', reason: 'The broadcaster sent the original.', opinionBefore: 'unsure' },
    ]);
    expect(await page.getByLabel('Your reason').count()).toBe(0);
    expect(await text()).toContain('1 of 2 releases');

    await open({});
    await signIn('key-of-robin', '#/quarantine/quarantine-0');
    await page.getByLabel('Real', { exact: true }).check();
    await page.getByRole('button', { name: /State it/ }).click();
    await page.getByLabel('Released').check();
    await page.getByLabel('My opinion').check();
    await page.getByLabel('Your reason').fill('I was there.');
    await page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => page.locator('.badge').first().innerText()).toBe('Released');
    expect(await page.locator('.history').innerText()).toMatch(
      /received[\s\S]*released · by: rita[\s\S]*released · by: robin/,
    );
    await go('#/quarantine', 'Quarantine');
    expect(await text()).not.toContain('statement-of-the-minister');
    await page.getByLabel('Show').selectOption('released');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('link', { name: 'statement-of-the-minister.mp4' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/quarantine?state=released');
  });

  test('what was written outlives a session that ends, and a decision of others in between is told', async () => {
    await signIn('key-of-rita', '#/quarantine/quarantine-1');
    await page.getByLabel('Fake', { exact: true }).check();
    await page.getByRole('button', { name: /State it/ }).click();
    await page.getByLabel('Confirmed as fake').check();
    await page.getByLabel('Somebody admitted it').check();
    await page.getByLabel('Your reason').fill('Its maker wrote to us.');
    service.forgetSessions();
    await page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(heading).toBe('Sign in');
    expect(await text()).toContain('Sign in again to go on where you were.');
    await page.getByLabel('Key').fill('key-of-rita');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByLabel('Your reason').inputValue()).toBe('Its maker wrote to us.');
    expect(await page.getByLabel('Somebody admitted it').isChecked()).toBe(true);
    service.refusals.set('POST /v1/quarantine', [{ status: 409, message: 'confirmed by robin.' }]);
    await page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('decided in the meantime');
    await page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => page.locator('.badge').first().innerText()).toBe('Confirmed as fake');
  });

  test('previews are blurred until they are asked for; sounds say that they have none; file and evidence are downloads', async () => {
    await signIn('key-of-rita', '#/quarantine');
    await page.locator('.inbox li', { hasText: 'voice-message' }).getByText('There is no picture').waitFor();
    const first = page.locator('.inbox li').first();
    const blur = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('.inbox img')).filter`);
    expect(await blur()).toContain('blur');
    await first.getByRole('button', { name: /Show the picture of statement/ }).press('Space');
    await expect.poll(blur).toBe('none');
    await first.getByRole('button', { name: /Blur it again/ }).press('Enter');
    await expect.poll(blur).toContain('blur');
    await first.getByRole('link').click();
    await page.getByLabel('Unsure').check();
    await page.getByRole('button', { name: /State it/ }).click();
    for (const [link, name] of [
      ['Download the evidence', 'evidence.bin'],
      ['Download the file as it came in', 'content.bin'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: link }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
    }
  });

  test('an administrator holds a file for the law and lets go; a reviewer is not offered it', async () => {
    await signIn('key-of-ada', '#/quarantine/quarantine-0');
    await page.getByRole('button', { name: 'Put under legal hold' }).click();
    await page.getByText('Legal hold: nothing of it is deleted').waitFor();
    expect(service.quarantine[0]!.legalHold).toBe(true);
    await page.getByRole('button', { name: 'Lift the legal hold' }).click();
    await page.getByRole('button', { name: 'Put under legal hold' }).waitFor();
    await open({});
    await signIn('key-of-rita', '#/quarantine/quarantine-0');
    await page.getByText('are shown after your opinion too').waitFor();
    expect(await page.getByRole('button', { name: /legal hold/ }).count()).toBe(0);
  });

  test('filters and pages stand in the address, and a link shows the same list', async () => {
    await signIn('key-of-rita', '#/files');
    await page.getByLabel('Part of the name').fill('clip');
    await page.getByLabel('Status').selectOption('NO_SIGNS_FOUND');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('Page 1 of 2, 40 in all').waitFor();
    await page.getByRole('link', { name: 'After →' }).click();
    await page.getByText('Page 2 of 2, 40 in all').waitFor();
    expect(await isFocused('h1')).toBe(true);
    expect(new URL(page.url()).hash).toBe('#/files?status=NO_SIGNS_FOUND&name=clip&size=20&page=2');
    await page.reload();
    await page.getByText('Page 2 of 2, 40 in all').waitFor();
    expect(await page.getByLabel('Part of the name').inputValue()).toBe('clip');
    await page.goBack();
    await page.getByText('Page 1 of 2, 40 in all').waitFor();
    await go('#/files?name=nowhere', 'Files');
    await page.getByText('No file is like that.').waitFor();
  });

  test('card, leaderboard and runs', async () => {
    await signIn('key-of-rita', '#/card');
    await page.getByText('languages other than English: not tested').waitFor();
    await go('#/leaderboard', 'Leaderboard');
    const board = page.getByRole('table', { name: /Recorded people/ });
    expect(await board.getByRole('cell', { name: '0.940 (0.910–0.960)' }).count()).toBe(1);
    expect(await board.getByRole('cell', { name: 'too few clips' }).count()).toBe(1);
    expect(await text()).not.toContain('jpeg');
    await go('#/runs', 'Runs');
    expect(await page.getByRole('row', { name: /smoke-11aa22bb.*41 s.*24 samples/ }).count()).toBe(1);
  });

  test('errors are told with what to do: nothing there, too many requests, no network', async () => {
    await signIn('key-of-rita', '#/files/not-there');
    await page.getByText('There is nothing under this number').waitFor();
    service.refusals.set('GET /v1/media?', [{ status: 429, retryAfterSeconds: 9 }]);
    await go('#/files', 'That did not work');
    expect(await page.getByRole('alert').innerText()).toMatch(
      /Too many requests from this key\. Try again at \d\d:\d\d:\d\d\./,
    );
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(heading).toBe('Files');
    await context.setOffline(true);
    await go('#/runs', 'That did not work');
    expect(await text()).toContain('The service cannot be reached.');
    problems.length = 0; // the browser's own word on the lost network
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(heading).toBe('Runs');
    await go('#/no-such-page', 'There is no such page');
  });

  test('hostile names and claims are text, whatever they say', async () => {
    await signIn('key-of-rita', '#/files');
    await page.getByRole('link', { name: hostileName }).waitFor();
    expect(await text()).toContain('invoice-\\u202e4pm.exe');
    await go('#/quarantine', 'Quarantine');
    await page.getByRole('link', { name: hostileName }).waitFor();
    await go('#/quarantine/quarantine-1', /Review/);
    await page.getByLabel('Fake', { exact: true }).check();
    await page.getByRole('button', { name: /State it/ }).click();
    await page.getByText(hostileClaim).waitFor();
    service.media[2] = {
      ...service.media[2]!,
      name: hostileName,
      finding: findingOf('SUSPICIOUS', {
        models: [{ name: hostileName, status: 'SCORED', score: 0.5 }],
        reasons: [{ code: hostileName, message: hostileName }],
      }),
    };
    await go('#/files/request-2', /File/);
    expect(
      await page.evaluate(
        '[window.hacked, document.querySelectorAll("main img[src=x], main script").length]',
      ),
    ).toEqual([undefined, 0]);
    // The proof that it would have been seen: the policy stops what is put in as markup, and the page hears of it.
    await page.evaluate(
      `document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(hostileName)})`,
    );
    await expect
      .poll(() => problems.some((problem) => problem.includes('Content Security Policy')))
      .toBe(true);
    expect(await page.evaluate('window.hacked')).toBe(undefined);
    problems.length = 0;
  });

  test('the skip link and every control of the review can be reached by keyboard', async () => {
    await signIn('key-of-rita', '#/quarantine/quarantine-0');
    await page.getByRole('heading', { level: 1, name: /Review/ }).waitFor();
    const reached = new Set<string>();
    await page.evaluate('document.activeElement.blur()');
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate<string>(
          `(document.activeElement.textContent || document.activeElement.name || document.activeElement.tagName).trim()`,
        ),
      );
    }
    expect([...reached]).toEqual(
      expect.arrayContaining([
        'Skip to the content',
        'Quarantine',
        'Sign out',
        'Show the picture',
        'opinion',
        'Download the file as it came in',
      ]),
    );
  });

  const looks = [
    [400, 'light'],
    [1280, 'dark'],
    [400, 'dark'],
    [1280, 'light'],
  ] as const;
  // Colours depend on the scheme and the layout on the width: two of the four see each.
  test.each(looks.slice(0, process.env['MASQUE_TESTS'] === 'night' ? 4 : 2))(
    'at %d px in %s: nothing to scroll sideways, and axe-core finds no serious fault in any view',
    async (width, colorScheme) => {
      await open({ width, colorScheme });
      service.media[2]!.name = longName;
      await page.goto(service.url);
      const faults: Record<string, unknown> = {};
      const look = async (view: string): Promise<void> => {
        const [found, wide] = [
          await seriousFaults(page),
          await page.evaluate<number>('document.documentElement.scrollWidth'),
        ];
        if (found.length > 0 || wide > width) faults[view] = { found, wide };
      };
      await page.getByLabel('Key').waitFor();
      await look('sign in');
      await signIn('key-of-ada');
      await look('check');
      const views = {
        '#/files': 'Files',
        '#/files/request-2': /File/,
        '#/files/request-6': /File/,
        '#/quarantine': 'Quarantine',
        '#/card': 'About the detectors',
        '#/leaderboard': 'Leaderboard',
        '#/runs': 'Runs',
        '#/files/none': 'That did not work',
        '#/quarantine/quarantine-1': /Review/,
      };
      for (const [hash, title] of Object.entries(views)) {
        await go(hash, title);
        await look(hash);
      }
      await page.getByLabel('Fake', { exact: true }).check();
      await page.getByRole('button', { name: /State it/ }).click();
      await page.getByRole('heading', { name: 'Your decision' }).waitFor();
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
      await look('decision');
      expect(faults).toEqual({});
    },
    120_000,
  );
});
