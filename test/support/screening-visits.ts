/** The review page in a browser, for its tests: a fresh window for each, and nothing on the console but what the service refuses. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium } from './chromium.ts';
import { encodeJpeg } from './screening-picture.ts';
import { type StandIn, startStandIn } from './screening-stand-in.ts';

/** Keeps what is said to people who listen: a sentence stands for a second, then the next takes its place. */
const listening = `
  window.heard = [];
  new MutationObserver((changes) => {
    for (const { target } of changes)
      if (target.id === 'said' && target.textContent) heard.push(target.textContent);
  }).observe(document, { childList: true, subtree: true });
`;

/** To be called once where the tests are described. `address` of the service of the test that runs; what begins before each test is begun before this is called. */
export function browsing(address: () => string) {
  let browser: Browser;
  let context: BrowserContext | undefined;
  const at = {
    page: undefined as unknown as Page,
    /** What should never happen: errors of scripts, refusals of the page's policy, requests elsewhere. */
    problems: [] as string[],

    /** A window of its own, as another person has, in place of the one before. */
    async open({ width = 1280, colorScheme = 'light' as 'light' | 'dark' } = {}): Promise<void> {
      await context?.close();
      const viewport = { width, height: 900 };
      context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
      await context.addInitScript(listening);
      at.page = await context.newPage();
      at.problems.length = 0;
      at.page.on('pageerror', (error) => at.problems.push(error.message));
      at.page.on('console', (message) => {
        const isRefusal = message.text().startsWith('Failed to load resource: the server responded');
        if (message.type() === 'error' && !isRefusal) at.problems.push(message.text());
      });
      at.page.on('request', (request) => {
        if (!request.url().startsWith(address())) at.problems.push(request.url());
      });
    },

    async signIn(key: string, hash = '#/'): Promise<void> {
      await at.page.goto(`${address()}/${hash}`);
      await at.page.getByLabel('Key').fill(key);
      await at.page.keyboard.press('Enter');
      await at.page.getByRole('button', { name: 'Sign out' }).waitFor();
    },

    /** Resolves once the view is there and its heading, whose title is meant, is focused. */
    async go(hash: string, title: string | RegExp): Promise<void> {
      await at.page.evaluate(`document.activeElement.blur(); location.hash = ${JSON.stringify(hash)}`);
      await expect.poll(() => at.isFocused('h1')).toBe(true);
      await at.page.getByRole('heading', { level: 1, name: title }).waitFor();
    },

    text: (): Promise<string> => at.page.locator('main').innerText(),
    /** All sentences so far. */
    heard: (): Promise<string[]> => at.page.evaluate('heard'),
    heading: (): Promise<string> => at.page.locator('h1').innerText(),
    isFocused: (selector: string): Promise<boolean> =>
      at.page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`),
    setOffline: (offline: boolean): Promise<void> => context!.setOffline(offline),
  };
  beforeAll(async () => void (browser = await launchChromium()));
  afterAll(async () => browser?.close());
  beforeEach(() => at.open());
  afterEach(async () => {
    await context?.close();
    expect(at.problems).toEqual([]);
  });
  return at;
}

/** The same against a stand-in for the service, a fresh one for each test. */
export function visits() {
  let picture: Buffer;
  let service: StandIn;
  beforeAll(async () => void (picture = await encodeJpeg()));
  beforeEach(async () => void (service = await startStandIn(picture)));
  afterEach(async () => {
    await service.close();
    expect(service.withoutToken).toBe(0);
  });
  return Object.defineProperty(
    browsing(() => service.url),
    'service',
    { get: () => service },
  ) as ReturnType<typeof browsing> & { readonly service: StandIn };
}
