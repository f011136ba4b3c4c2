/** How the review page looks and what it lets in: hostile names, the keyboard alone, both colour schemes, 400 px and wide. */
import { describe, expect, test } from 'vitest';
import { seriousFaults } from '../support/axe.ts';
import { hasChromium } from '../support/chromium.ts';
import { findingOf, hostileClaim, hostileName, longName } from '../support/screening-samples.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('the looks of the review page'))('the review page', () => {
  const at = visits();
  test('hostile names and claims are text, whatever they say', async () => {
    await at.signIn('key-of-rita', '#/files');
    await at.page.getByRole('link', { name: hostileName }).waitFor();
    expect(await at.text()).toContain('invoice-\\u202e4pm.exe');
    await at.go('#/quarantine', 'Quarantine');
    await at.page.getByRole('link', { name: hostileName }).waitFor();
    await at.go('#/quarantine/quarantine-1', /Review/);
    await at.page.getByLabel('Fake', { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
    await at.page.getByText(hostileClaim).waitFor();
    at.service.media[2] = {
      ...at.service.media[2]!,
      name: hostileName,
      finding: findingOf('SUSPICIOUS', {
        models: [{ name: hostileName, status: 'SCORED', score: 0.5 }],
        reasons: [{ code: hostileName, message: hostileName }],
      }),
    };
    await at.go('#/files/request-2', /File/);
    expect(
      await at.page.evaluate(
        '[window.hacked, document.querySelectorAll("main img[src=x], main script").length]',
      ),
    ).toEqual([undefined, 0]);
    // The proof that it would have been seen: the policy stops what is put in as markup, and the page hears of it.
    await at.page.evaluate(
      `document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(hostileName)})`,
    );
    await expect
      .poll(() => at.problems.some((problem) => problem.includes('Content Security Policy')))
      .toBe(true);
    expect(await at.page.evaluate('window.hacked')).toBe(undefined);
    at.problems.length = 0;
  });

  test('the skip link and every control of the review can be reached by keyboard', async () => {
    await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
    await at.page.getByRole('heading', { level: 1, name: /Review/ }).waitFor();
    const reached = new Set<string>();
    await at.page.evaluate('document.activeElement.blur()');
    for (let i = 0; i < 25; i++) {
      await at.page.keyboard.press('Tab');
      reached.add(
        await at.page.evaluate<string>(
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
      await at.open({ width, colorScheme });
      at.service.media[2]!.name = longName;
      await at.page.goto(at.service.url);
      const faults: Record<string, unknown> = {};
      const look = async (view: string): Promise<void> => {
        const [found, wide] = [
          await seriousFaults(at.page),
          await at.page.evaluate<number>('document.documentElement.scrollWidth'),
        ];
        if (found.length > 0 || wide > width) faults[view] = { found, wide };
      };
      await at.page.getByLabel('Key').waitFor();
      await look('sign in');
      await at.signIn('key-of-ada');
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
        await at.go(hash, title);
        await look(hash);
      }
      await at.page.getByRole('button', { name: 'Delete the file …' }).click();
      await at.page.getByRole('dialog').waitFor();
      await look('deletion');
      await at.page.keyboard.press('Escape');
      await at.page.getByLabel('Fake', { exact: true }).check();
      await at.page.getByRole('button', { name: /State it/ }).click();
      await at.page.getByRole('heading', { name: 'Your decision' }).waitFor();
      await at.page.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
      await look('decision');
      expect(faults).toEqual({});
    },
    120_000,
  );
});
