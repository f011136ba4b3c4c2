/** What the review page says of one finding: by kind of file, of detectors that gave no score, of where they looked, and of where a file says it comes from. */
import { describe, expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { findingOf } from '../support/screening-samples.ts';
import { visits } from '../support/screening-visits.ts';

describe.skipIf(!hasChromium('what the review page says of a finding'))(
  'a finding on the review page',
  () => {
    const at = visits();

    test('a score that counts for nothing is told in words', async () => {
      await at.signIn('key-of-rita', '#/files/request-4');
      const row = at.page.getByRole('row', { name: /^spectrum/ });
      await row.waitFor();
      expect(await row.innerText()).toMatch(
        /a number that counts for nothing here, for the reason above\s+–/,
      );
      expect(await at.text()).not.toContain('SCORED');
    });

    test('stretches with the same place share a box, and what is drawn there is said', async () => {
      const box = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 };
      const other = { ...box, x: 0.75 };
      const localisation = [box, other, null, box].map((place, i) => ({
        start: i,
        end: i + 1,
        box: place,
        score: 0.6,
      }));
      const finding = findingOf('MANIPULATED', { localisation });
      at.service.quarantine[0]!.findings = [finding];
      await at.signIn('key-of-rita', '#/quarantine/quarantine-0');
      await at.page.getByLabel('Unsure').check();
      await at.page.getByRole('button', { name: /State it/ }).click();
      await at.page.locator('.box').first().waitFor();
      expect(await at.page.locator('.box').allInnerTexts()).toEqual(['1, 4', '2']);
      expect(await at.text()).toContain('The boxes of all stretches are drawn on one picture');
      expect(await at.text()).toContain('as the detector with the largest score scores it');
      expect(await at.text()).toContain('All are on one scale');
    });

    test('a mark of masque is told as one where there are no credentials', async () => {
      const mark = 'a mark of masque: generator puppetry';
      at.service.media[3] = {
        ...at.service.media[3]!,
        finding: findingOf('NO_SIGNS_FOUND', { provenance: { credentials: 'absent', claims: [mark] } }),
      };
      await at.signIn('key-of-rita', '#/files/request-3');
      await at.page.getByText(mark).waitFor();
      expect(await at.text()).toContain(
        'No content credentials found, but a mark of masque. masque writes it',
      );
      await at.go('#/files/request-10', /File/);
      expect(await at.text()).toContain('No content credentials found. Most genuine files carry none');
    });

    test.each([
      ['key-of-sam', 'request-9', ['Cropping', 'Caption', 'Staging', 'Intent']],
      ['key-of-sam', 'request-8', ['Cuts', 'Speed', 'Caption', 'Staging', 'Intent']],
      ['key-of-rita', 'request-3', ['Cuts', 'Speed', 'Cropping', 'Caption', 'Staging', 'Intent']],
      ['key-of-sam', 'request-5', ['Cuts', 'Speed', 'Cropping', 'Caption', 'Staging', 'Intent']],
    ])('%s reads of %s what is not looked at in its kind of file', async (key, id, listed) => {
      await at.signIn(key, `#/files/${id}`);
      const list = at.page.locator('h2:has-text("What was not examined") ~ ul').first();
      await list.waitFor();
      expect(await list.locator('strong').allInnerTexts()).toEqual(listed);
    });
  },
);
