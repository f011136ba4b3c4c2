/** What it is worth that the detectors call a file suspicious or manipulated, in counts of files. */
import { el, table } from './dom.js';
import { callsAmong, exactBounds } from './counts.js';

const prevalences = [0.01, 0.1];

/** Sections for calls on fakes of kinds that the detectors have not learned from, and of kinds that they have. `measured`: as `measuredFor` says, null where it is not known. */
export function worth(measured, status) {
  const title = el('h2', {}, 'How far to trust such a call');
  if (!measured)
    return [
      title,
      el(
        'p',
        { class: 'empty' },
        'That is not known here. How often files are called suspicious stands in the card of the bundle that judged this one, and the service has none that says it: no counts are given.',
      ),
    ];
  const { calls, detection, fpr } = measured;
  const groups = [
    [false, 'Fakes of a kind that the detectors have not learned from'],
    [true, 'Fakes of a kind that the detectors have learned from'],
  ].map(([seen, name]) => ({ name, rows: detection.filter((row) => row.seen === seen && row.tested > 0) }));
  const known = groups.filter(({ rows }) => rows.length > 0);
  return [
    title,
    el('p', {}, toWhat[status]),
    known.length === 0 &&
      el(
        'p',
        { class: 'empty' },
        'These detectors were tested on no fakes of this kind of file, so what their calls are worth is not known.',
      ),
    known.map(({ name, rows }) => [
      el('h3', {}, name),
      el(
        'div',
        { class: 'cards' },
        prevalences.map((prevalence) => frequencies({ calls, detection: rows, fpr }, prevalence)),
      ),
    ]),
    el(
      'p',
      { class: 'note' },
      `“At worst” takes the maker of fakes that was found least, at the lower 95\u00a0% bound of its share, and genuine files at the upper 95\u00a0% bound that ${fpr.identities} tested people support: ${perThousand(fpr.upper)} called ${calls} (stated: ${perThousand(fpr.stated)}). Bounds are exact (Clopper–Pearson), one-sided. They hold for files like those tested.`,
    ),
    known.length > 0 &&
      el('details', {}, el('summary', {}, 'Tested fakes, by maker'), byMaker(detection, calls)),
  ];
}

const toWhat = {
  MANIPULATED:
    'Nobody can say from one score how likely it is that this file is fake: that depends on how many of the files that reach you are. If they were like those tested:',
  SUSPICIOUS:
    'Nobody can say from one score how likely it is that this file is fake: that depends on how many of the files that reach you are. These counts are of all files above the border of suspicious, manipulated ones among them; this file lies below the border of manipulated, so it is a weaker sign than they tell:',
  NO_SIGNS_FOUND:
    'The detectors called this file neither suspicious nor manipulated. How many fakes they miss among files like those tested:',
};

function frequencies({ calls, ...rates }, prevalence) {
  const { of, fakes, genuine, asMeasured, atWorst } = callsAmong(rates, prevalence);
  const [right, wrong] = [Math.round(asMeasured.fakes), Math.round(asMeasured.genuine)];
  const [rightAtWorst, wrongAtWorst] = [Math.floor(atWorst.fakes), Math.ceil(atWorst.genuine)];
  return el(
    'section',
    { class: 'card' },
    el('h4', {}, `If one file in ${Math.round(1 / prevalence)} is fake (${100 * prevalence}\u00a0%)`),
    el('p', {}, `Of ${of.toLocaleString('en-GB')} such files, ${fakes} are fake and ${genuine} genuine.`),
    el(
      'p',
      {},
      el('strong', {}, `About ${right} of the ${right + wrong} that are called ${calls} are fakes`),
      `; ${wrong === 0 ? 'fewer than 1 is' : `${wrong} are`} genuine. At worst ${rightAtWorst} of ${rightAtWorst + wrongAtWorst} are fakes.`,
    ),
    el(
      'p',
      {},
      `About ${Math.round(fakes - asMeasured.fakes)} of the ${fakes} fakes are missed; at worst ${Math.ceil(fakes - atWorst.fakes)}.`,
    ),
  );
}

/** A table of the tested fakes; `calls`: what those that were found were called. */
export const byMaker = (detection, calls) =>
  table(
    `How many fakes were called ${calls}`,
    ['Maker of the fakes', 'Learned from', 'Found', 'At least'],
    detection.map(({ maker, seen, found, tested }) => [
      maker,
      seen ? 'yes' : 'no',
      `${found} of ${tested}`,
      tested > 0 ? `${Math.floor(1000 * exactBounds(found, tested).low)} of 1,000` : 'none tested',
    ]),
  );

export const perThousand = (share) => `${Number((1000 * share).toFixed(1))} of 1,000`;
