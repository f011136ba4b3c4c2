/** The review page where something is amiss: another tab, a list that became shorter, a connection that breaks, answers that come late. */
import { describe, expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { gate } from '../support/gate.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('the review page where something is amiss'))('the review page', () => {
  const at = visits();

  test('the skip link leads to the content and to no other page', async () => {
    await at.page.goto(`${at.service.url}/#/files`);
    await at.page.getByLabel('Key').fill('key-of-rita');
    const skip = at.page.getByRole('link', { name: 'Skip to the content' });
    await skip.focus();
    await at.page.keyboard.press('Enter');
    expect(await at.isFocused('h1')).toBe(true);
    expect(await at.page.getByLabel('Key').inputValue()).toBe('key-of-rita');
    expect(new URL(at.page.url()).hash).toBe('#/files');
  });

  test('a file that is waited for says when the service cannot be reached, that it can be again, and that the file is gone', async () => {
    await at.signIn('key-of-rita', '#/files/request-7');
    const note = (): Promise<string> => at.page.locator('#busy').innerText();
    await expect.poll(note).toContain('You may close this page');
    await at.setOffline(true);
    await expect.poll(note).toContain('The service cannot be reached.');
    await at.setOffline(false);
    await expect.poll(note).toContain('You may close this page');
    at.problems.length = 0; // the browser's own word on the lost network
    at.service.media.splice(7, 1);
    await expect.poll(() => at.page.getByRole('alert').innerText()).toContain('There is nothing under this');
    expect(await at.page.getByRole('progressbar').count()).toBe(0);
  });

  test('a picture that does not come is told as what it is, and can be asked for again', async () => {
    const busy = { status: 429, retryAfterSeconds: 9 };
    at.service.refusals.set('GET /v1/quarantine/quarantine-0/preview', [busy, busy]);
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    const preview = at.page.locator('.preview');
    await expect.poll(() => preview.innerText()).toMatch(/Too many requests from this key\. Try again at/);
    await preview.getByRole('button', { name: 'Try again' }).click();
    await preview.getByRole('button', { name: 'Show the picture' }).waitFor();
    await expect
      .poll(() => at.page.evaluate(`document.querySelector('.preview img').naturalWidth`))
      .not.toBe(0);
    const gone = { status: 410 };
    at.service.refusals.set('GET /v1/quarantine/quarantine-5/preview', [gone, gone]);
    await at.go('#/quarantine/quarantine-5', /Review/);
    await expect.poll(() => preview.innerText()).toContain('The file itself has been deleted');
    expect(await preview.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  test('an answer that breaks off, or is none, is no fault of the page', async () => {
    await at.signIn('key-of-rita');
    at.service.refusals.set('GET /v1/runs', [{ status: 200, breaksOff: true }]);
    await at.go('#/runs', 'That did not work');
    expect(await at.page.getByRole('alert').innerText()).toContain('The service cannot be reached.');
    at.problems.length = 0; // the browser's own word on the broken answer
    at.service.refusals.set('POST /v1/media', [{ status: 202, text: '<html>' }]);
    await at.go('#/', 'Check a file');
    await at.page
      .getByLabel('Drop a file here, or choose one')
      .setInputFiles({ name: 'odd.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(9) });
    await expect
      .poll(() => at.page.locator('.sent').innerText())
      .toContain('an answer that this page cannot read');
    await at.page.getByRole('button', { name: 'Try again odd.mp4' }).waitFor();
  });

  test('an address that is none is told so', async () => {
    await at.signIn('key-of-rita');
    for (const hash of ['#/files/%', '#/constructor', '#/toString/1']) {
      await at.go(hash, 'There is no such page');
      await at.go('#/card', 'About the detectors');
    }
  });

  test('who listens hears one sentence after the other, and keeps the focus where something is refused', async () => {
    await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
    const hold = at.page.getByRole('button', { name: 'Put under legal hold' });
    await hold.focus();
    at.service.refusals.set('POST /v1/quarantine/quarantine-0/hold', [{ status: 503, retryAfterSeconds: 1 }]);
    await at.page.keyboard.press('Enter');
    await expect.poll(() => at.page.getByRole('alert').innerText()).toContain('The service is busy.');
    expect(await at.page.evaluate('document.activeElement.textContent')).toBe('Put under legal hold');
    // The view waits until it has been said that it is loading.
    const history = gate();
    at.service.waits.set('GET /v1/quarantine/quarantine-0/history', history.opened);
    const before = performance.now();
    await at.page.keyboard.press('Enter');
    await expect
      .poll(async () => (await at.heard()).slice(-2))
      .toEqual(['It is under legal hold now', 'Loading']);
    expect(performance.now() - before).toBeGreaterThan(900);
    history.open();
    await at.page.getByRole('button', { name: 'Lift the legal hold' }).waitFor();
  });

  test('where a session ends, the form to sign in is ready', async () => {
    await at.signIn('key-of-rita');
    at.service.forgetSessions();
    await at.go('#/files', 'Sign in');
    expect(await at.page.locator('#view').getAttribute('aria-busy')).toBe(null);
  });

  test('a result that comes after the reader went on is said with the name, and touches nothing of what is shown', async () => {
    const hold = 'POST /v1/quarantine/quarantine-0/hold';
    for (const [refusals, words] of [
      [[{ status: 409, message: 'it waits for its verdict' }], 'It waits for its verdict.'],
      [[], 'It is under legal hold now'],
    ] as const) {
      await at.open();
      await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
      const answer = gate();
      at.service.waits.set(hold, answer.opened);
      at.service.refusals.set(hold, [...refusals]);
      await at.page.getByRole('button', { name: 'Put under legal hold' }).click();
      await at.go('#/quarantine/quarantine-1', /Review/);
      await at.page.getByLabel('Fake', { exact: true }).check();
      answer.open();
      await expect.poll(at.heard).toContain(`statement-of-the-minister.mp4: ${words}`);
      expect(await at.page.getByLabel('Fake', { exact: true }).isChecked()).toBe(true);
      expect(await at.page.locator('[role=alert]:visible').count()).toBe(0);
    }
  });

  test('a list that has become shorter shows its last page, and the same choice asks again', async () => {
    await at.signIn('key-of-rita', '#/quarantine?state=held&page=2');
    const inbox = at.page.locator('.inbox li');
    await expect.poll(() => inbox.count()).toBe(at.service.quarantine.length);
    at.service.quarantine.pop();
    await at.page.getByRole('link', { name: 'Quarantine', exact: true }).click();
    await expect.poll(() => new URL(at.page.url()).hash).toBe('#/quarantine');
    await expect.poll(() => inbox.count()).toBe(at.service.quarantine.length);
    at.service.quarantine.pop();
    await at.page.getByRole('link', { name: 'Quarantine', exact: true }).click();
    await expect.poll(() => inbox.count()).toBe(at.service.quarantine.length);
    await at.page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => new URL(at.page.url()).hash).toBe('#/quarantine?state=held');
    at.service.quarantine.pop();
    await at.page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => inbox.count()).toBe(at.service.quarantine.length);
    await at.go('#/files?size=50&page=9', 'Files');
    expect(await at.text()).toMatch(/clip-[\s\S]*50 in all/);
  });

  test('a second tab is signed in already; a key used there again takes nothing from the first', async () => {
    await at.signIn('key-of-ada', '#/quarantine/quarantine-0');
    const first = at.page;
    const second = await first.context().newPage();
    await second.goto(`${at.service.url}/#/files`);
    await second.getByRole('heading', { level: 1, name: 'Files' }).waitFor();
    const signIn = async (key: string): Promise<void> => {
      await second.getByRole('button', { name: 'Sign out' }).click();
      await second.getByLabel('Key').fill(key);
      await second.keyboard.press('Enter');
      await second.getByRole('button', { name: 'Sign out' }).waitFor();
    };
    await signIn('key-of-ada');
    await first.getByRole('button', { name: 'Put under legal hold' }).click();
    await first.getByRole('button', { name: 'Lift the legal hold' }).waitFor();
    expect([at.service.quarantine[0]!.legalHold, at.service.withoutToken]).toEqual([true, 1]);

    await signIn('key-of-rita');
    await first.getByRole('button', { name: 'Lift the legal hold' }).click();
    await expect.poll(at.heading).toBe('Sign in');
    expect(await at.page.getByRole('alert').innerText()).toContain('rita has signed in in another tab.');
    expect([at.service.quarantine[0]!.legalHold, at.service.withoutToken]).toEqual([true, 2]);
    await first.getByLabel('Key').fill('key-of-ada');
    await first.keyboard.press('Enter');
    await first.getByRole('button', { name: 'Lift the legal hold' }).click();
    await first.getByRole('button', { name: 'Put under legal hold' }).waitFor();
    at.service.withoutToken = 0;
  });

  test('who signs out where the service cannot be reached is told what that leaves', async () => {
    await at.signIn('key-of-rita');
    await at.setOffline(true);
    await at.page.getByRole('button', { name: 'Sign out' }).click();
    await expect
      .poll(() => at.page.getByRole('alert').innerText())
      .toMatch(/its page still opens under your name\. The service cannot be reached/);
    await at.setOffline(false);
    at.problems.length = 0; // the browser's own word on the lost network
    expect(await at.page.evaluate('sessionStorage.length')).toBe(0);
  });
});
