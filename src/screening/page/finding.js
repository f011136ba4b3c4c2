/** What was found out about a file, in plain words and in the order of what a reader needs first. */
import { session } from './api.js';
import { el, facts, foreign, table } from './dom.js';
import { emptyFrame, preview } from './preview.js';
import { height3, scale, strip } from './scale.js';
import { decisions, notExamined, provenance, statusOf } from './words.js';
import { worth } from './worth.js';

/** Parts of the page about a file with a verdict, as `GET /v1/media/{id}` gives it. A submitter's key gets no scores, and the parts that need them are left out. `measured`: as `measuredFor` says. */
export function finding(media, measured) {
  return [
    headline(media),
    media.calibration && genuineAsHigh(media.calibration),
    reasons(media),
    unexamined(media),
    media.models?.length > 0 && detectors(media),
    media.localisation?.length > 0 && whereLooked(media),
    media.calibration && worth(measured, media.status),
    credentials(media.provenance),
    similar(media.similar ?? []),
    el('p', {}, el('a', { href: '#/card' }, aboutDetectors())),
  ];
}

const aboutDetectors = () =>
  session().role === 'submitter'
    ? 'What these detectors cannot judge'
    : 'What these detectors learned from, and what they cannot judge';

export function headline({ status }) {
  const { headline: title, meaning, tone, mark } = statusOf(status);
  return el(
    'section',
    { class: `verdict ${tone}` },
    el('h2', {}, el('span', { 'aria-hidden': 'true', class: 'sign' }, mark), title),
    el('p', {}, meaning),
  );
}

const genuineAsHigh = ({ genuine: { asHigh, tested } }) =>
  el(
    'p',
    { class: 'lead' },
    el('strong', {}, `${asHigh} of ${tested} tested genuine recordings scored this high`),
    ' or higher. They are of people the detectors never learned from. ',
    asHigh === 0 && 'None of them does not mean that no genuine recording ever would.',
  );

function reasons({ reasons: list, score, calibration }) {
  if (list.length === 0 && typeof score !== 'number') return null;
  return [
    el('h2', {}, 'Why'),
    list.length > 0 &&
      el(
        'ul',
        {},
        list.map(({ message }) => el('li', {}, foreign(message))),
      ),
    typeof score === 'number' &&
      calibration && [
        el(
          'p',
          {},
          `All detectors together: ${score.toFixed(2)}. Called suspicious from ${calibration.suspiciousFrom.toFixed(2)}, manipulated from ${calibration.threshold.toFixed(2)}. `,
          scale('All detectors together', score, [
            ['suspicious from', calibration.suspiciousFrom],
            ['manipulated from', calibration.threshold],
          ]),
        ),
        el(
          'p',
          { class: 'note' },
          'The score only orders files: higher is more like the tested fakes. It is no probability.',
        ),
      ],
  ];
}

const unexamined = ({ kind }) => [
  el('h2', {}, 'What was not examined'),
  el('p', {}, 'Whatever the detectors say, they do not look for these:'),
  el(
    'ul',
    {},
    notExamined(kind).map(([what, means]) => el('li', {}, el('strong', {}, what), `: ${means}`)),
  ),
];

const detectors = ({ models }) => [
  el('h2', {}, 'Which detectors said what'),
  table(
    'All are on one scale; the largest score is that of all together',
    ['Detector', 'Said', 'On the scale'],
    models.map(({ name, status, score }) => [
      foreign(name),
      status === 'SCORED' && score !== null
        ? `${height3(score)} (${score.toFixed(2)})`
        : (silent[status] ?? status),
      status === 'SCORED' && score !== null ? scale(name, score) : '–',
    ]),
  ),
];
const silent = {
  SCORED: 'a number that counts for nothing here, for the reason above',
  NOT_APPLICABLE: 'nothing: not made for such a file',
  FAILED: 'nothing: it failed on this file',
};

function whereLooked({ localisation, kind, quarantineId }) {
  const end = Math.max(...localisation.map((one) => one.end));
  const boxed = localisation.some(({ box }) => box);
  const seconds = ({ start, end: to }) => `${start.toFixed(1)} to ${to.toFixed(1)} s`;
  const inTime = kind !== 'photo';
  return [
    el('h2', {}, 'Where the loudest detector looked'),
    el(
      'p',
      { class: 'note' },
      inTime
        ? 'Each stretch by itself, as the detector with the largest score scores it. The strip ends where the last of them does. '
        : 'What the detector with the largest score looked at. ',
      boxed && 'A place is the part of the picture without which that score is lowest. ',
      boxed && inTime && (quarantineId ? onOnePicture : 'The boxes of all stretches are drawn in one frame.'),
    ),
    end > 0 && inTime && strip(localisation, end),
    el(
      'div',
      { class: 'looked' },
      boxed && (quarantineId ? preview(quarantineId, localisation) : emptyFrame(localisation)),
      el(
        'ol',
        {},
        localisation.map((one) =>
          el(
            'li',
            {},
            inTime && `${seconds(one)}: `,
            one.box ? placeOf(one.box) : kind === 'sound' ? 'the sound' : 'the whole picture, or the sound',
            ` (${height3(one.score)})`,
          ),
        ),
      ),
    ),
  ];
}

const onOnePicture =
  'The boxes of all stretches are drawn on one picture from near the beginning, so what they point at may be elsewhere in it.';

/** Ninths of the picture, in words. */
function placeOf({ x, y, width, height }) {
  const third = (middle, names) => names[Math.min(2, Math.max(0, Math.floor(3 * middle)))];
  const row = third(y + height / 2, ['top', 'middle', 'bottom']);
  const column = third(x + width / 2, ['left', 'middle', 'right']);
  const place =
    row === 'middle' && column === 'middle'
      ? 'the middle'
      : row === 'middle'
        ? `the ${column}`
        : column === 'middle'
          ? `the ${row}`
          : `the ${row} ${column}`;
  return `${place} of the picture, ${Math.round(100 * width * height)}\u00a0% of its area`;
}

function credentials(found) {
  const isMarked = found?.credentials === 'absent' && found.claims.length > 0;
  const [title, meaning] = provenance[isMarked ? 'marked' : found?.credentials] ?? [];
  if (!title) return null;
  return [
    el('h2', {}, 'Provenance'),
    el('p', {}, el('strong', {}, title), `. ${meaning}`),
    found.claims.length > 0 && [
      el('p', { class: 'note' }, 'The file claims:'),
      el(
        'ul',
        {},
        found.claims.map((claim) => el('li', {}, foreign(claim))),
      ),
    ],
  ];
}

function similar(others) {
  if (others.length === 0) return null;
  return [
    el('h2', {}, 'Similar files'),
    el(
      'p',
      {},
      'Their pictures are nearly the same; that condemns nothing, as a copy may be of the original or of the fake.',
    ),
    table(
      'Files with nearly the same picture',
      ['File (SHA-256)', 'Bits that differ, of 64', 'What people decided'],
      others.map(({ sha256, differingBits, decision }) => [
        el('code', {}, sha256.slice(0, 16)),
        String(differingBits),
        decision ? decisions[decision] : 'nothing yet',
      ]),
    ),
  ];
}

/** What came in, for the foot of a page. */
export const received = (pairs) => [el('h2', {}, 'The file'), facts(pairs)];
