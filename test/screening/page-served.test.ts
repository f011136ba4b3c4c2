/** The review page as it is served: a browser, the real door, database and vault, and an analysis that judges by a letter. One file's way from who sends it to the decision. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Analyse } from '../../src/screening/types.ts';
import { verifyEvidence } from '../../src/screening/verify-evidence.ts';
import { hasChromium } from '../support/chromium.ts';
import { encodeJpeg } from '../support/screening-picture.ts';
import { openRealDoor, type RealDoor } from '../support/screening-real.ts';
import { sampleBundle, sampleCalibration } from '../support/screening-samples.ts';
import { gate } from '../support/gate.ts';
import { browsing } from '../support/screening-visits.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const project = resolve(import.meta.dirname, '../..');
/** A film in which the toy analysis finds what the letter says. */
const film = (letter: string): Buffer =>
  Buffer.concat([readFileSync(join(project, 'test/golden/clip.mp4')), Buffer.from(`${letter}.`)]);

describe.skipIf(!hasChromium('the review page as it is served'))('the review page as it is served', () => {
  let door: RealDoor;
  /** No analysis ends before this is called. */
  let judge: () => void;
  beforeEach(async () => {
    const picture = await encodeJpeg();
    const toy = toyAnalyse({ calibration: { ...sampleCalibration, bundle: 'toy-1' } });
    const { opened, open } = gate();
    judge = open;
    const analyse: Analyse = (file) => opened.then(() => toy(file));
    door = await openRealDoor({ analyse }, ({ evidence }) => ({
      page: join(project, 'src/screening/page'),
      beside: {
        card: () => ({ ...sampleBundle, id: 'toy-1' }),
        preview: async () => picture,
        evidence,
      },
    }));
  });
  afterEach(() => door.end());
  const at = browsing(() => door.address);

  /** As a person drags it there; resolves once its page is shown. */
  async function drop(content: Buffer, name: string): Promise<void> {
    const [bytes, called] = [content.toString('base64'), name].map((text) => JSON.stringify(text));
    const data = await at.page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(${bytes}), (c) => c.charCodeAt(0));
      data.items.add(new File([content], ${called}, { type: 'video/mp4' }));
      return data;
    })()`);
    await at.page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
    await at.page.getByRole('heading', { level: 1, name: `File: ${name}` }).waitFor();
  }

  async function stateOpinion(opinion: string): Promise<void> {
    await at.page.getByLabel(opinion, { exact: true }).check();
    await at.page.getByRole('button', { name: /State it/ }).click();
  }

  async function decide(decision: string, basis: string, reason: string): Promise<void> {
    await at.page.getByLabel(decision).check();
    await at.page.getByLabel(basis).check();
    await at.page.getByLabel('Your reason').fill(reason);
    await at.page.getByRole('button', { name: 'Decide' }).click();
  }

  const badge = (): Promise<string> => at.page.locator('.badge').first().innerText();

  test('a submitter drops a film and follows it; a reviewer looks first, then hears the detectors, and confirms; an administrator deletes it', async () => {
    await at.page.goto(`${door.address}/#/`);
    await at.page.getByLabel('Key').fill('mk_guessed');
    await at.page.keyboard.press('Enter');
    await expect.poll(() => at.page.getByRole('alert').innerText()).toContain('This key is not known here');
    await at.signIn(door.keys.ann);
    await drop(film('m'), 'statement.mp4');
    await at.page.getByRole('heading', { name: 'Being analysed' }).waitFor();
    expect(await at.page.locator('.steps [aria-current=step]').innerText()).toContain('Being analysed');
    judge();
    await at.page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    const told = await at.text();
    expect(told).toContain('By the policy of this service it was held in quarantine.');
    expect(told).not.toMatch(/0\.90|scored this high|How far to trust|toy-1/);
    await at.go('#/card', 'About the detectors');
    expect(await at.text()).toContain('faces smaller than 48 pixels');
    expect(await at.text()).not.toContain('of 1,000');

    await at.open();
    await at.signIn(door.keys.rita, '#/quarantine');
    await at.page.getByRole('link', { name: 'statement.mp4' }).click();
    await at.page.getByRole('heading', { level: 1, name: 'Review: statement.mp4' }).waitFor();
    expect(await at.page.content()).not.toMatch(/0\.90|Clear signs|scored this high/);
    await stateOpinion('Unsure');
    await at.page.getByRole('heading', { name: 'Clear signs of manipulation' }).waitFor();
    expect(await at.text()).toContain('All detectors together: 0.90.');
    expect(await at.text()).toContain('About 6 of the 16 that are called manipulated are fakes');
    const loading = at.page.waitForEvent('download');
    await at.page.getByRole('link', { name: 'Download the evidence' }).click();
    expect(await verifyEvidence(await (await loading).path())).toMatchObject({
      statement: { quarantines: [{ state: 'held' }] },
    });
    await decide('Confirmed as fake', 'Somebody admitted it', 'Its maker wrote to us.');
    await expect.poll(badge).toBe('Confirmed as fake');
    expect(await at.page.locator('.history').innerText()).toMatch(
      /received[\s\S]*verdict[\s\S]*quarantine[\s\S]*review[\s\S]*reviewer: rita[\s\S]*reason: Its maker wrote to us\.[\s\S]*confirmed/,
    );
    expect(await at.page.getByRole('button', { name: /Delete/ }).count()).toBe(0);

    await at.open();
    await at.signIn(door.keys.ada, '#/quarantine?state=confirmed');
    await at.page.getByRole('link', { name: 'statement.mp4' }).click();
    await at.page.getByRole('button', { name: 'Delete the file …' }).click();
    await at.page.getByLabel('Why it is deleted').fill('The person in it asked for it.');
    await at.page.keyboard.press('Tab');
    await at.page.keyboard.press('Enter');
    await at.page.getByText('The file itself has been deleted').waitFor();
    expect(await at.page.locator('.history').innerText()).toMatch(
      /erased[\s\S]*by: ada[\s\S]*reason: The person in it asked for it\./,
    );
    const [item] = door.service.quarantine({ page: 0, size: 1, state: 'confirmed' }).items;
    expect(item).toMatchObject({ kept: false, reviews: [{ reviewer: 'rita', opinionBefore: 'unsure' }] });
    expect(() => door.service.fileOf(item!.sha256)).toThrow('its bytes are not there');
  });

  test('a suspicious film is counted at its own border and released; a photo that is called a film is held and says why; markup is refused', async () => {
    await at.signIn(door.keys.rita);
    await drop(film('s'), 'scene.mp4');
    await at.page.getByRole('heading', { name: 'Being analysed' }).waitFor();
    judge();
    await at.page.getByRole('heading', { name: 'Your own opinion comes first' }).waitFor();
    await expect.poll(at.heard).toContain('The analysis is done');
    await at.page.getByRole('link', { name: 'State your opinion' }).click();
    await stateOpinion('Real');
    await at.page.getByRole('heading', { name: 'Suspicious: some signs of manipulation' }).waitFor();
    expect(await at.text()).toContain(
      'About 7 of the 57 that are called suspicious or manipulated are fakes',
    );
    await decide('Released', 'The original was found', 'The broadcaster has it.');
    await expect.poll(badge).toBe('Released');
    expect(await at.page.locator('.history').innerText()).toMatch(/review[\s\S]*released/);
    await at.go('#/files', 'Files');
    await at.page.getByRole('link', { name: 'scene.mp4' }).click();
    await at.page.getByRole('heading', { level: 1, name: 'File: scene.mp4' }).waitFor();
    expect(await at.text()).toContain('Reviewers released it, so it was let through.');
    expect(await at.text()).not.toContain('By the policy');

    await at.go('#/', 'Check a file');
    await drop(readFileSync(join(project, 'test/golden/photo.png')), 'photo.mp4');
    await at.page.getByRole('link', { name: 'State your opinion' }).click();
    await stateOpinion('Fake');
    await at.page.getByRole('heading', { name: 'Could not be evaluated' }).waitFor();
    const why = (await at.text()).replace(/\s+/g, ' ');
    expect(why).toContain('It was not judged; why not is said below.');
    expect(why).toContain('The name says something else than the content, which is that of png.');
    expect(why).toContain('The declared type says something else than the content, which is that of png.');
    expect(why).toContain(
      'Content credentials were not looked for. Whether the file carries any is not known.',
    );

    await at.go('#/', 'Check a file');
    await at.page.getByLabel('Drop a file here, or choose one').setInputFiles({
      name: 'drawing.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    });
    await expect
      .poll(() => at.page.locator('.sent').innerText())
      .toMatch(/This kind of file is not taken: XML, SVG and HTML can run programs/);
    expect(door.service.list({ page: 0, size: 10 }).totalItems).toBe(2);
  });
});
