/** What axe-core finds in a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Violation = { id: string; impact: string; nodes: { target: string[] }[] };

/** Faults that axe-core calls serious or critical, each with the first place where it is. */
export async function seriousFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate('window.axe'))) await page.evaluate(axe.source);
  const { violations, passes } =
    await page.evaluate<Record<'violations' | 'passes', Violation[]>>('axe.run(document)');
  if (passes.length < 5) throw new Error('axe-core has looked at next to nothing');
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]!.target.join(' ')}`);
}
