/** What the detectors are, what they learned from, and what they cannot judge; a submitter is told only the last. */
import { call } from './api.js';
import { el, facts, foreign } from './dom.js';
import { kinds } from './words.js';
import { perThousand, rates } from './worth.js';

export async function card({ signal }) {
  const { id, name, card: says, kinds: rules = {}, members = [] } = await call('/v1/bundle', { signal });
  return {
    title: 'About the detectors',
    body: [
      el(
        'p',
        { class: 'lead' },
        'A file is judged by a bundle of detectors that was tested as a whole. It judges what is like the recordings it was tested on, and says so where a file is not.',
      ),
      facts([
        ['Bundle', foreign(name)],
        ['Number', id && el('code', {}, id)],
        ['Detectors', members.length > 0 ? members.map(({ label }) => el('div', {}, foreign(label))) : null],
      ]),
      section('What they cannot judge', says.cannotJudge),
      section('What they learned from', says.trainedOn),
      section('What they were tested on', says.testedOn),
      Object.entries(rules).map(([kind, rule]) => kindSection(kind, rule)),
    ],
  };
}

const section = (title, lines) =>
  lines?.length > 0 && [
    el('h2', {}, title),
    el(
      'ul',
      {},
      lines.map((line) => el('li', {}, foreign(line))),
    ),
  ];

function kindSection(kind, { manipulated, suspicious, real, fakes }) {
  const detection = fakes.map((row) => ({
    maker: row.maker,
    seen: row.seen,
    found: row.manipulated,
    tested: row.tested,
  }));
  return [
    el('h2', {}, `Tested on ${kinds[kind] ?? kind}s`),
    el(
      'p',
      {},
      `Of genuine files, ${perThousand(manipulated.rate.stated)} are called manipulated, and at most ${perThousand(manipulated.rate.upper)} (95\u00a0%; ${manipulated.rate.identities} people tested); suspicious or manipulated are ${perThousand(suspicious.rate.stated)}, at most ${perThousand(suspicious.rate.upper)}. `,
      real &&
        `Of ${real.tested} genuine files of other people, called manipulated: ${real.manipulated}; suspicious: ${real.suspicious}; not judged: ${real.notJudged}.`,
    ),
    detection.length > 0 && rates(detection, 'manipulated'),
  ];
}
