/** What the review page shows a reviewer, and when: all that was said of a file, and nothing of detectors or other people before the reader's own opinion, which stays theirs. */
import { describe, expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { findingOf, mediaOf } from '../support/screening-samples.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('decisions on the review page'))('decisions on the review page', () => {
  const at = visits();
  const stateOpinion = async (opinion: string): Promise<void> => {
    await at.page.getByLabel(opinion, { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByText('Before you saw what the detectors say').waitFor();
  };
  const release = async (): Promise<void> => {
    await at.page.getByLabel('Released').check();
    await at.page.getByLabel('My opinion').check();
    await at.page.getByLabel('Your reason').fill('I was there.');
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await at.page.getByText('Another reviewer is needed.').waitFor();
  };
  /** In the same window, as at a desk that people share. */
  const signOut = async (): Promise<void> => {
    await at.page.getByRole('button', { name: 'Sign out' }).click();
    await at.page.getByLabel('Key').waitFor();
  };
  const badge = (): Promise<string> => at.page.locator('.badge').first().innerText();
  const wrongName = findingOf('UNABLE_TO_EVALUATE', {
    reasons: [{ code: 'E_NAME_DISAGREES', message: 'The name says something else than the content.' }],
  });
  const underWrongName = mediaOf(0, 'x.mp4', 'UNABLE_TO_EVALUATE', { finding: wrongName });

  test('whichever receipt is the newest, the finding of the content is shown, and beside it what was said at the door', async () => {
    const [one, two] = at.service.quarantine;
    one!.media.unshift({ ...underWrongName, quarantineId: one!.quarantineId });
    one!.findings.push(wrongName);
    // Held for its name, and in the content nothing was found.
    two!.findings = [findingOf('NO_SIGNS_FOUND'), wrongName];
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await stateOpinion('Unsure');
    await at.page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    expect(await at.text()).toContain('All detectors together: 0.87.');
    const also = 'Could not evaluate · The name says something else than the content.';
    expect(await at.text()).toContain(also);
    await at.go('#/quarantine/quarantine-1', /Review/);
    await stateOpinion('Unsure');
    await at.page.getByRole('heading', { name: 'No signs of manipulation found' }).waitFor();
    expect(await at.text()).toContain(also);
  });

  test('an opinion is its reviewer’s: the next person in the same window is asked, and signing in again changes nothing', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await stateOpinion('Fake');
    await signOut();
    await at.signIn('key-of-robin', '#/quarantine/quarantine-0');
    await at.page.getByRole('button', { name: /State it/ }).waitFor();
    expect(await at.page.content()).not.toMatch(/0\.87|Clear signs|you thought/);
    await signOut();
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByText('Before you saw what the detectors say, you thought: Fake.').waitFor();
    expect(await at.page.getByRole('button', { name: /State it/ }).count()).toBe(0);
    await release();
    expect(at.service.quarantine[0]!.reviews).toMatchObject([{ reviewer: 'rita', opinionBefore: 'fake' }]);
  });

  test('an opinion that the service did not take shows no score', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    at.service.refusals.set('POST /v1/quarantine', [{ status: 503 }]);
    await at.page.getByLabel('Fake', { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await expect.poll(() => at.page.getByRole('alert').innerText()).toContain('The service is busy.');
    expect(await at.page.content()).not.toMatch(/0\.87|Clear signs/);
    await stateOpinion('Fake');
  });

  test('what one person wrote is not in the form of the next, nor after signing out', async () => {
    const reason = (): Promise<string> => at.page.getByLabel('Your reason').inputValue();
    const enter = async (key: string): Promise<void> => {
      await at.page.getByLabel('Key').fill(key);
      await at.page.keyboard.press('Enter');
    };
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await stateOpinion('Fake');
    await at.page.getByLabel('Your reason').fill('Its maker wrote to me.');
    await at.page.getByLabel('Confirmed as fake').check();
    await at.page.getByLabel('Somebody admitted it').check();
    at.service.forgetSessions();
    await at.page.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(at.heading).toBe('Sign in');
    await enter('key-of-robin');
    await stateOpinion('Real');
    expect(await reason()).toBe('');
    at.service.forgetSessions();
    await at.page.evaluate(`dispatchEvent(new Event('hashchange'))`);
    await expect.poll(at.heading).toBe('Sign in');
    await enter('key-of-rita');
    await expect.poll(reason).toBe('Its maker wrote to me.');
    await signOut();
    await enter('key-of-rita');
    await at.go('#/quarantine/quarantine-0', /Review/);
    expect(await reason()).toBe('');
  });

  test('that others have released it is told after the own opinion, and a release before more was said does not count', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await stateOpinion('Real');
    await release();
    expect(await badge()).toBe('1 of 2 releases');
    await signOut();
    await at.signIn('key-of-robin', '#/quarantine');
    const first = at.page.locator('.inbox li').first();
    await first.getByText('Needs a review').waitFor();
    await first.getByRole('link').click();
    await at.page.getByRole('heading', { level: 1, name: /Review/ }).waitFor();
    expect(await badge()).toBe('Needs a review');
    expect(await at.text()).not.toMatch(/of 2 releases|rita/);
    await stateOpinion('Fake');
    expect(await badge()).toBe('1 of 2 releases');
    await signOut();
    at.service.quarantine[0]!.findings.push(wrongName);
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByText('The name says something else than the content.').waitFor();
    expect(await badge()).toBe('Needs a review');
    await release();
    expect(await badge()).toBe('1 of 2 releases');
  });

  test('a receipt from before its content was held leads to the review first', async () => {
    at.service.media[3]!.openQuarantineId = 'quarantine-0';
    await at.signIn('key-of-rita', '#/files/request-3');
    await at.page.getByRole('heading', { name: 'Your own opinion comes first' }).waitFor();
    expect(await at.page.content()).not.toMatch(/0\.12|No signs of|scored this high/);
    await at.page.getByRole('link', { name: 'State your opinion' }).click();
    await at.page.getByRole('heading', { level: 1, name: /Review: statement/ }).waitFor();
    await stateOpinion('Unsure');
    await at.go('#/files/request-3', /File/);
    await at.page.getByRole('heading', { name: 'No signs of manipulation found' }).waitFor();
  });
});
