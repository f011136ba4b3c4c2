/** What the detectors are, what they learned from, and what they cannot judge; a submitter is told only the last. */
import { call } from './api.js';
import { el, facts, foreign } from './dom.js';
import { detectionOf } from './measured.js';
import { kinds } from './words.js';
import { byMaker, perThousand } from './worth.js';

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

const outcome = ({ manipulated, suspicious, notJudged }) =>
  `called manipulated: ${manipulated}, suspicious: ${suspicious}, not judged: ${notJudged}`;

function kindSection(kind, { manipulated, suspicious, real, fakes }) {
  const detection = detectionOf(fakes, (row) => row.manipulated);
  return [
    el('h2', {}, `Tested on ${kinds[kind] ?? kind}s`),
    el(
      'p',
      {},
      `Thresholds are drawn on ${manipulated.rate.identities} genuine people, each by the worst of their files: ${perThousand(manipulated.rate.stated)} are called manipulated, at most ${perThousand(manipulated.rate.upper)}; ${perThousand(suspicious.rate.stated)} suspicious or manipulated, at most ${perThousand(suspicious.rate.upper)} (95\u00a0%, of all kinds together). `,
      real &&
        `Of ${real.people.tested} other genuine people, ${outcome(real.people)}. Of their ${real.tested} files, ${outcome(real)}.`,
    ),
    detection.length > 0 && byMaker(detection, 'manipulated'),
  ];
}
