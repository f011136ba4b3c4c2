/** Files on their way from the review page to the service: whatever else its reader does, none is lost. */
import { describe, expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { gate } from '../support/gate.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('uploads of the review page'))('the review page', () => {
  const at = visits();
  const choose = (...names: string[]): Promise<void> =>
    at.page
      .getByLabel('Drop a file here, or choose one')
      .setInputFiles(names.map((name) => ({ name, mimeType: 'video/mp4', buffer: Buffer.alloc(2000, 7) })));
  /** The service takes files of that name in once the function is called. */
  const hold = (name: string): (() => void) => {
    const { opened, open } = gate();
    at.service.taking.set(name, opened);
    return open;
  };
  const hash = (): string => new URL(at.page.url()).hash;
  const row = (name: string) => at.page.locator('.sent li', { hasText: name });

  test('files that are dropped later wait their turn, and other views end none; the browser asks before it leaves', async () => {
    const questions: string[] = [];
    await at.signIn('key-of-rita');
    at.page.on('dialog', (dialog) => {
      questions.push(dialog.type());
      void dialog.dismiss();
    });
    const letIn = hold('large.mp4');
    await choose('large.mp4');
    await expect.poll(() => row('large.mp4').innerText()).toContain('sent; the service takes it in');
    // It may be kept already: there is nothing to cancel.
    expect(await row('large.mp4').getByRole('button').count()).toBe(0);
    await choose('small.mp4', 'tiny.mp4');
    expect(await row('tiny.mp4').innerText()).toContain('waits until the files before it are sent');
    await at.go('#/card', 'About the detectors');
    await at.page.close({ runBeforeUnload: true });
    await expect.poll(() => questions).toEqual(['beforeunload']);
    letIn();
    await expect
      .poll(() => at.service.media.slice(0, 3).map(({ name }) => name))
      .toEqual(['tiny.mp4', 'small.mp4', 'large.mp4']);
    expect(hash()).toBe('#/card');
    await at.go('#/', 'Check a file');
    for (const name of ['large.mp4', 'small.mp4', 'tiny.mp4'])
      await row(name).getByText('Suspicious').waitFor();
    await row('small.mp4').getByRole('link').click();
    await at.page.getByRole('heading', { level: 1, name: 'File: small.mp4' }).waitFor();
    await Promise.all([at.page.waitForEvent('close'), at.page.close({ runBeforeUnload: true })]);
    expect(questions).toEqual(['beforeunload']);
  });

  test('signing out while files are sent asks first; the next person sees none of them', async () => {
    await at.signIn('key-of-rita');
    const letIn = hold('mine.mp4');
    await choose('mine.mp4', 'after.mp4');
    await expect.poll(() => row('mine.mp4').innerText()).toContain('sent;');
    const questions: string[] = [];
    const answers = [false, true];
    at.page.on('dialog', (dialog) => {
      questions.push(dialog.message());
      void (answers.shift() ? dialog.accept() : dialog.dismiss());
    });
    const leave = at.page.getByRole('button', { name: 'Sign out' });
    await leave.click();
    await expect.poll(() => questions.length).toBe(1);
    expect(await row('after.mp4').count()).toBe(1);
    await leave.click();
    await at.page.getByLabel('Key').fill('key-of-sam');
    await at.page.keyboard.press('Enter');
    await at.page.getByLabel('Drop a file here, or choose one').waitFor();
    letIn();
    expect(questions[1]).toContain('Files are still being sent.');
    expect(await at.page.locator('.sent li').count()).toBe(0);
    await choose('other.mp4');
    await at.page.getByRole('heading', { level: 1, name: 'File: other.mp4' }).waitFor();
    expect(at.service.media.map(({ name }) => name)).not.toContain('after.mp4');
  });

  test('files that wait when the session ends are kept for who signs in again', async () => {
    await at.signIn('key-of-rita');
    const letIn = hold('one.mp4');
    await choose('one.mp4', 'two.mp4');
    await expect.poll(() => row('one.mp4').innerText()).toContain('sent;');
    at.service.forgetSessions();
    letIn();
    await expect.poll(at.heading).toBe('Sign in');
    await at.page.getByLabel('Key').fill('key-of-rita');
    await at.page.keyboard.press('Enter');
    await at.page.getByRole('button', { name: 'Try again two.mp4' }).click();
    await expect.poll(() => at.service.media[0]!.name).toBe('two.mp4');
    await row('two.mp4').getByText('Suspicious').waitFor();
  });
});
