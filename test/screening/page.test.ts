/** The review page in a real browser, against a stand-in for the service: every flow, and every refusal. */
import { describe, expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { findingOf } from '../support/screening-samples.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('the review page in a browser'))('the review page', () => {
  const at = visits();
  const aFile = (name: string, bytes = 2000): { name: string; mimeType: string; buffer: Buffer } => ({
    name,
    mimeType: 'video/mp4',
    buffer: Buffer.alloc(bytes, 7),
  });

  test('a wrong key is refused in words, a right one opens the address asked for, and the key is not kept', async () => {
    await at.page.goto(`${at.service.url}/#/card`);
    await at.page.getByLabel('Key').fill('guessed');
    await at.page.keyboard.press('Enter');
    await expect.poll(() => at.page.getByRole('alert').innerText()).toContain('This key is not known here');
    expect(await at.isFocused('#key')).toBe(true);
    await at.page.keyboard.type('key-of-rita');
    await at.page.keyboard.press('Enter');
    await at.page.getByRole('heading', { level: 1, name: 'About the detectors' }).waitFor();
    expect(await at.isFocused('h1')).toBe(true);
    expect(
      await at.page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])'),
    ).not.toContain('key-of');
    await at.page.getByRole('button', { name: 'Sign out' }).click();
    await at.page.getByLabel('Key').waitFor();
    expect(await at.page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('a file chosen by keyboard is sent, waited for and judged, without a score for its submitter', async () => {
    await at.signIn('key-of-sam');
    expect(await at.page.getByRole('link', { name: 'Quarantine' }).count()).toBe(0);
    const file = at.page.getByLabel('Drop a file here, or choose one');
    // Listened for before the key is pressed: it takes the browser a moment to hand choosers over.
    const chooses = at.page.waitForEvent('filechooser');
    await file.focus();
    expect(await at.isFocused('#file')).toBe(true);
    await file.press('Enter');
    const chooser = await chooses;
    at.service.analysing.add('holiday.mp4');
    await chooser.setFiles(aFile('holiday.mp4'));
    await at.page.getByRole('heading', { level: 1, name: 'File: holiday.mp4' }).waitFor();
    await at.page.getByRole('heading', { name: 'Being analysed' }).waitFor();
    at.service.analysing.delete('holiday.mp4');
    await at.page.getByRole('heading', { name: 'Suspicious: some signs of manipulation' }).waitFor();
    await expect.poll(at.heard).toContain('Suspicious: some signs of manipulation');
    const shown = await at.text();
    expect(shown).toContain('What was not examined');
    expect(shown).not.toContain('Which detectors said what');
    expect(shown).not.toMatch(/0\.41|scored this high/);
  });

  test('files that are dropped are sent one after another; one too large says so and can be tried again', async () => {
    await at.signIn('key-of-rita');
    const data = await at.page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(1000)], 'one.mp4'));
      data.items.add(new File([new Uint8Array(1_500_000)], 'huge.mp4'));
      return data;
    })()`);
    await at.page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
    await at.page.getByRole('link', { name: /one\.mp4/ }).waitFor();
    await expect
      .poll(() => at.page.locator('.sent').innerText())
      .toMatch(/Suspicious[\s\S]*larger than this service takes/);
    await at.page.getByRole('button', { name: 'Try again huge.mp4' }).waitFor();
  });

  test('where the service has no room, it says when there will be, tries again by itself or when told to', async () => {
    at.service.refusals.set('POST /v1/media', [
      { status: 503, retryAfterSeconds: 600, message: 'too many files wait' },
      { status: 503, retryAfterSeconds: 600 },
    ]);
    await at.signIn('key-of-rita');
    await at.page.clock.install();
    await at.page.getByLabel('Drop a file here, or choose one').setInputFiles(aFile('busy.mp4'));
    const row = (): Promise<string> => at.page.locator('.sent').innerText();
    await expect
      .poll(row)
      .toMatch(/busy: too many files wait\. Try again at \d\d:\d\d:\d\d\. This page will\./);
    await at.page.clock.fastForward('10:00');
    await expect.poll(row).toMatch(/busy\. Try again at/);
    await at.page.getByRole('button', { name: 'Cancel busy.mp4' }).click();
    await expect.poll(row).toContain('cancelled; nothing was kept');
    await at.page.getByRole('button', { name: 'Try again busy.mp4' }).click();
    await at.page.getByRole('link', { name: /busy\.mp4/ }).waitFor();
  });

  test('a finding says what it rests on in counts, and never how likely the file is fake', async () => {
    await at.signIn('key-of-rita', '#/files/request-2');
    await at.page.getByRole('heading', { name: 'Suspicious: some signs of manipulation' }).waitFor();
    const shown = (await at.text()).replace(/\s+/g, ' ');
    expect(shown).toContain('2 of 240 tested genuine recordings scored this high');
    // At the border of suspicious, of makers not learned from: 165 of 240 found; 50 of 1,000 stated. 6.9 fakes and 49.5 genuine of 1,000 with 10 fakes.
    expect(shown).toContain('About 7 of the 57 that are called suspicious or manipulated are fakes');
    // 100 fakes: 68.8 and 45.
    expect(shown).toContain('About 69 of the 114 that are called suspicious or manipulated are fakes');
    expect(shown).toContain('101 of 1,000 called suspicious or manipulated (stated: 50 of 1,000)');
    expect(shown).toContain('a weaker sign than they tell');
    expect(shown).toContain('Content credentials present, but damaged');
    expect(shown).toContain('nothing: it failed on this file');
    expect(shown).toContain('a genuine recording said to be of another day, place or person');
    expect(shown).not.toMatch(/authentic|\d %[^)]{0,40}\b(fake|likely|probab|certain|confiden)/i);
    const scale = at.page.getByRole('img', {
      name: 'All detectors together: 0.41 on a scale from 0 to 1; suspicious from 0.34; manipulated from 0.50',
    });
    expect(await scale.count()).toBe(1);
    expect(
      await at.page
        .getByRole('img', {
          name: /Time from 0 to 4\.0 seconds; marked: 0\.4 to 1\.2, 1\.2 to 2\.6, 3\.1 to 4\.0/,
        })
        .count(),
    ).toBe(1);
    expect(shown).toContain('0.4 to 1.2 s: the middle of the picture');
  });

  test('calls are counted at the border that they crossed, and nowhere where nothing was measured', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByLabel('Unsure').check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    // 145 of 240 found, 10 of 1,000 stated: 6.04 fakes and 9.9 genuine of 1,000 with 10 fakes; 60.4 and 9 with 100.
    expect(await at.text()).toContain('About 6 of the 16 that are called manipulated are fakes');
    expect(await at.text()).toContain('About 60 of the 69 that are called manipulated are fakes');
    await at.go('#/files/request-3', /File/);
    expect(await at.text()).toContain('The detectors called this file neither suspicious nor manipulated.');
    // 165 of 240: of 100 fakes 31.25 are missed.
    expect(await at.text()).toContain('About 31 of the 100 fakes are missed');
    const untold = async (hash: string): Promise<void> => {
      await at.go(hash, /File/);
      await at.page.getByRole('heading', { name: 'Suspicious: some signs' }).waitFor();
      expect(await at.text()).toContain('That is not known here.');
      expect(await at.text()).not.toMatch(/that are called|at worst/i);
    };
    // Of photos the card has nothing.
    await untold('#/files/request-9');
    await at.go('#/files', 'Files');
    at.service.bundle = { ...at.service.bundle!, id: 'another' };
    await untold('#/files/request-2');
    await at.go('#/files', 'Files');
    at.service.bundle = null;
    await untold('#/files/request-2');
  });

  test('a submitter reads in the card what cannot be judged, and no rate or threshold', async () => {
    await at.signIn('key-of-sam', '#/card');
    await at.page.getByText('languages other than English: not tested').waitFor();
    expect(await at.text()).not.toMatch(/of 1,000|learned from|Tested on|Number|puppetry/);
    await at.go('#/files/request-2', /File/);
    await at.page.getByRole('link', { name: 'What these detectors cannot judge', exact: true }).waitFor();
  });

  test('the headline of every other status says what it is and what it is not', async () => {
    await at.signIn('key-of-rita');
    for (const [id, headline, words] of [
      ['request-3', 'No signs of manipulation found', 'no proof that the file is genuine'],
      ['request-4', 'Not something these detectors can judge', 'not like any that this bundle was tested on'],
      ['request-6', 'Waiting for its turn', 'You may close this page'],
      ['request-7', 'Being analysed', 'You may close this page'],
    ] as const) {
      await at.go(`#/files/${id}`, /File/);
      await at.page.getByRole('heading', { name: headline }).waitFor();
      expect(await at.text()).toContain(words);
      expect(await at.text()).not.toMatch(/authentic/i);
    }
  });

  test('before a reviewer has an opinion no score is shown: not in the inbox, not on the file, not in its review', async () => {
    await at.signIn('key-of-rita', '#/files/request-0');
    await at.page.getByRole('heading', { name: 'Your own opinion comes first' }).waitFor();
    expect(await at.page.content()).not.toMatch(/0\.87|Clear signs|scored this high/);
    await at.page.getByRole('link', { name: 'State your opinion' }).click();
    await at.page.getByRole('heading', { level: 1, name: /Review: statement/ }).waitFor();
    expect(await at.page.content()).not.toMatch(/0\.87|Clear signs|scored this high/);
    await at.go('#/quarantine', 'Quarantine');
    expect(await at.page.content()).not.toMatch(/0\.87|Clear signs|Manipulated|scored this high/);
  });

  test('two reviewers release a file: opinion, score, basis, reason; the first cannot do it twice', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByLabel('Unsure').check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    expect(await at.isFocused('.verdict h2')).toBe(true);
    expect(await at.text()).toContain('Before you saw what the detectors say, you thought: Unsure.');
    await at.page.getByRole('button', { name: 'Go to your decision' }).click();
    expect(await at.isFocused('#decision')).toBe(true);
    await at.page.getByLabel('Released').check();
    await at.page.getByLabel('The original was found').check();
    await at.page.getByLabel('Your reason').fill('   ');
    await at.page.getByRole('button', { name: 'Decide' }).click();
    expect(at.service.bodies).toEqual([]);
    await at.page.getByLabel('Your reason').fill(' The broadcaster sent the original. ');
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await at.page.getByText('Another reviewer is needed.').waitFor();
    expect(at.service.bodies).toEqual([
      {
        basis: 'original-found',
        reason: 'The broadcaster sent the original.',
        opinionBefore: 'unsure',
        seen: 1,
      },
    ]);
    expect(await at.page.getByLabel('Your reason').count()).toBe(0);
    expect(await at.text()).toContain('1 of 2 releases');

    await at.open();
    await at.signIn('key-of-robin', '#/quarantine/quarantine-0');
    await at.page.getByLabel('Real', { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByLabel('Released').check();
    await at.page.getByLabel('My opinion').check();
    await at.page.getByLabel('Your reason').fill('I was there.');
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => at.page.locator('.badge').first().innerText()).toBe('Released');
    expect(await at.page.locator('.history').innerText()).toMatch(
      /received[\s\S]*released · by: rita[\s\S]*released · by: robin/,
    );
    await at.go('#/quarantine', 'Quarantine');
    expect(await at.text()).not.toContain('statement-of-the-minister');
    await at.page.getByLabel('Show').selectOption('released');
    await at.page.getByRole('button', { name: 'Show', exact: true }).click();
    await at.page.getByRole('link', { name: 'statement-of-the-minister.mp4' }).waitFor();
    expect(new URL(at.page.url()).hash).toBe('#/quarantine?state=released');
  });

  test('what was written outlives a session that ends and a refusal; after a newer verdict the file is shown as it is now', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-1');
    await at.page.getByLabel('Fake', { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByLabel('Confirmed as fake').check();
    await at.page.getByLabel('Somebody admitted it').check();
    await at.page.getByLabel('Your reason').fill('Its maker wrote to us.');
    at.service.forgetSessions();
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(at.heading).toBe('Sign in');
    expect(await at.text()).toContain('Sign in again to go on where you were.');
    await at.page.getByLabel('Key').fill('key-of-rita');
    await at.page.keyboard.press('Enter');
    await expect.poll(() => at.page.getByLabel('Your reason').inputValue()).toBe('Its maker wrote to us.');
    expect(await at.page.getByLabel('Somebody admitted it').isChecked()).toBe(true);
    const newer = 'there is a newer verdict than the one you looked at; look again';
    at.service.refusals.set('POST /v1/quarantine', [{ status: 409, message: newer }]);
    at.service.quarantine[1]!.findings.push(findingOf('UNABLE_TO_EVALUATE'));
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await expect
      .poll(() => at.page.getByRole('alert').allInnerTexts())
      .toContain('There is a newer verdict than the one you looked at; look again.');
    await at.page.getByRole('heading', { name: 'What else was said of it' }).waitFor();
    expect(await at.page.getByLabel('Your reason').inputValue()).toBe('Its maker wrote to us.');
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => at.page.locator('.badge').first().innerText()).toBe('Confirmed as fake');
    expect(at.service.bodies).toMatchObject([{ seen: 2 }]);
    expect(await at.page.getByRole('alert').count()).toBe(0);
  });

  test('previews are blurred until they are asked for; sounds say that they have none; file and evidence are downloads', async () => {
    await at.signIn('key-of-rita', '#/quarantine');
    await at.page
      .locator('.inbox li', { hasText: 'voice-message' })
      .getByText('There is no picture')
      .waitFor();
    const first = at.page.locator('.inbox li').first();
    const blur = (): Promise<string> =>
      at.page.evaluate(`getComputedStyle(document.querySelector('.inbox img')).filter`);
    expect(await blur()).toContain('blur');
    await first.getByRole('button', { name: /Show the picture of statement/ }).press('Space');
    await expect.poll(blur).toBe('none');
    await first.getByRole('button', { name: /Blur it again/ }).press('Enter');
    await expect.poll(blur).toContain('blur');
    await first.getByRole('link').click();
    await at.page.getByLabel('Unsure').check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    for (const [link, name] of [
      ['Download the evidence', 'evidence.bin'],
      ['Download the file as it came in', 'content.bin'],
    ] as const) {
      const [download] = await Promise.all([
        at.page.waitForEvent('download'),
        at.page.getByRole('link', { name: link }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
    }
  });

  test('an administrator holds a file for the law and lets go; a reviewer is not offered it', async () => {
    await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
    await at.page.getByRole('button', { name: 'Put under legal hold' }).click();
    await at.page.getByText('Legal hold: nothing of it is deleted').waitFor();
    expect(at.service.quarantine[0]!.legalHold).toBe(true);
    await at.page.getByRole('button', { name: 'Lift the legal hold' }).click();
    await at.page.getByRole('button', { name: 'Put under legal hold' }).waitFor();
    await at.open();
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByText('are shown after your opinion too').waitFor();
    expect(await at.page.getByRole('button', { name: /legal hold/ }).count()).toBe(0);
  });

  test('an administrator deletes a file with a reason, by keyboard, and can think better of it', async () => {
    await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
    const open = at.page.getByRole('button', { name: 'Delete the file …' });
    await open.focus();
    await at.page.keyboard.press('Enter');
    const dialog = at.page.getByRole('dialog', { name: 'Delete this file?' });
    await dialog.waitFor();
    expect(await at.isFocused('#erasure-reason')).toBe(true);
    await at.page.keyboard.type('   ');
    await at.page.keyboard.press('Tab');
    expect(await at.page.evaluate('document.activeElement.textContent')).toBe('Delete for ever');
    await at.page.keyboard.press('Enter');
    await at.page.keyboard.press('Escape');
    await expect.poll(() => dialog.isVisible()).toBe(false);
    expect(await at.page.evaluate('document.activeElement.textContent')).toBe('Delete the file …');
    expect(at.service.bodies).toEqual([]);
    await at.page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await expect.poll(() => dialog.isVisible()).toBe(false);
    await open.click();
    at.service.refusals.set('DELETE /v1/quarantine', [{ status: 409, message: 'it waits for its verdict' }]);
    await dialog.getByLabel('Why it is deleted').fill(' The person in it asked for it. ');
    await dialog.getByRole('button', { name: 'Delete for ever' }).click();
    await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('It waits for its verdict.');
    await dialog.getByRole('button', { name: 'Delete for ever' }).click();
    await at.page.getByText('The file itself has been deleted').waitFor();
    expect(at.service.bodies).toEqual([{ reason: 'The person in it asked for it.' }]);
    await expect.poll(at.heard).toContain('The file was deleted; its hash and its history remain');
    expect(await dialog.count()).toBe(0);
    expect(await open.count()).toBe(0);
  });

  test('what is under legal hold is not offered for deletion, nor is anything to a reviewer', async () => {
    at.service.quarantine[0]!.legalHold = true;
    await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
    await at.page.getByText('Under legal hold it cannot be deleted.').waitFor();
    expect(await at.page.getByRole('button', { name: /Delete/ }).count()).toBe(0);
    await at.open();
    await at.signIn('key-of-rita', '#/quarantine/quarantine-1');
    await at.page.getByText('are shown after your opinion too').waitFor();
    expect(await at.page.getByRole('button', { name: /Delete/ }).count()).toBe(0);
  });

  test('filters and pages stand in the address, and a link shows the same list', async () => {
    await at.signIn('key-of-rita', '#/files');
    await at.page.getByLabel('Part of the name').fill('clip');
    await at.page.getByLabel('Status').selectOption('NO_SIGNS_FOUND');
    await at.page.getByRole('button', { name: 'Filter' }).click();
    await at.page.getByText('Page 1 of 2, 40 in all').waitFor();
    await at.page.getByRole('link', { name: 'After →' }).click();
    await at.page.getByText('Page 2 of 2, 40 in all').waitFor();
    expect(await at.isFocused('h1')).toBe(true);
    expect(new URL(at.page.url()).hash).toBe('#/files?status=NO_SIGNS_FOUND&name=clip&size=20&page=2');
    await at.page.reload();
    await at.page.getByText('Page 2 of 2, 40 in all').waitFor();
    expect(await at.page.getByLabel('Part of the name').inputValue()).toBe('clip');
    await at.page.goBack();
    await at.page.getByText('Page 1 of 2, 40 in all').waitFor();
    await at.go('#/files?name=nowhere', 'Files');
    await at.page.getByText('No file is like that.').waitFor();
  });

  test('card, leaderboard and runs', async () => {
    await at.signIn('key-of-rita', '#/card');
    await at.page.getByText('languages other than English: not tested').waitFor();
    await at.go('#/leaderboard', 'Leaderboard');
    const board = at.page.getByRole('table', { name: /Recorded people/ });
    expect(await board.getByRole('cell', { name: '0.940 (0.910–0.960)' }).count()).toBe(1);
    expect(await board.getByRole('cell', { name: 'too few clips' }).count()).toBe(1);
    expect(await at.text()).not.toContain('jpeg');
    await at.go('#/runs', 'Runs');
    expect(await at.page.getByRole('row', { name: /smoke-11aa22bb.*41 s.*24 samples/ }).count()).toBe(1);
  });

  test('errors are told with what to do: nothing there, too many requests, no network', async () => {
    await at.signIn('key-of-rita', '#/files/not-there');
    await at.page.getByText('There is nothing under this number').waitFor();
    at.service.refusals.set('GET /v1/media?', [{ status: 429, retryAfterSeconds: 9 }]);
    await at.go('#/files', 'That did not work');
    expect(await at.page.getByRole('alert').innerText()).toMatch(
      /Too many requests from this key\. Try again at \d\d:\d\d:\d\d\./,
    );
    await at.page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(at.heading).toBe('Files');
    await at.setOffline(true);
    await at.go('#/runs', 'That did not work');
    expect(await at.text()).toContain('The service cannot be reached.');
    at.problems.length = 0; // the browser's own word on the lost network
    await at.setOffline(false);
    await at.page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(at.heading).toBe('Runs');
    await at.go('#/no-such-page', 'There is no such page');
  });
});
