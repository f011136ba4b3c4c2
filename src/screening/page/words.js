/** What the service's words mean, for people. No sentence says "authentic", and none gives the probability of a single file. */

/** `tone` chooses the colour; `mark` says the same without colour. */
export const statuses = {
  QUEUED: {
    name: 'Waiting',
    tone: 'wait',
    mark: '…',
    headline: 'Waiting for its turn',
    meaning: 'The file has been received and kept. Analysis begins when the files before it are done.',
  },
  ANALYZING: {
    name: 'Being analysed',
    tone: 'wait',
    mark: '…',
    headline: 'Being analysed',
    meaning: 'The detectors are looking at the file now.',
  },
  NO_SIGNS_FOUND: {
    name: 'No signs found',
    tone: 'none',
    mark: '○',
    headline: 'No signs of manipulation found',
    meaning:
      'This is no proof that the file is genuine. The detectors miss fakes, above all of kinds that they have not learned from, and they look at some things only.',
  },
  SUSPICIOUS: {
    name: 'Suspicious',
    tone: 'some',
    mark: '△',
    headline: 'Suspicious: some signs of manipulation',
    meaning:
      'The score is higher than that of most genuine recordings, but not as high as the detectors need to call a file manipulated. Look for the original before you believe or share it.',
  },
  MANIPULATED: {
    name: 'Manipulated',
    tone: 'many',
    mark: '▲',
    headline: 'Clear signs of manipulation',
    meaning:
      'The detectors call this file manipulated. They are wrong at times, so this is a reason to look for the original, not a proof.',
  },
  NOT_APPLICABLE: {
    name: 'Not applicable',
    tone: 'off',
    mark: '–',
    headline: 'Not something these detectors can judge',
    meaning: 'Nothing was found out: neither that the file is genuine nor that it is fake.',
  },
  UNABLE_TO_EVALUATE: {
    name: 'Could not evaluate',
    tone: 'off',
    mark: '!',
    headline: 'Could not be evaluated',
    meaning: 'It was not judged; why not is said below. The file is neither cleared nor accused.',
  },
};
export const isPending = (status) => status === 'QUEUED' || status === 'ANALYZING';
/** A status that a newer service may have still shows as what it calls itself. */
export const statusOf = (status) =>
  statuses[status] ?? {
    name: status,
    tone: 'off',
    mark: '?',
    headline: status,
    meaning: 'This page does not know this status.',
  };

export const actions = {
  allow: 'let through',
  tag: 'let through with a tag',
  quarantine: 'held in quarantine',
  reject: 'rejected',
};
export const kinds = { clip: 'video', photo: 'photo', sound: 'sound recording' };
export const states = { held: 'Held', released: 'Released', confirmed: 'Confirmed as fake' };
export const decisions = { released: 'released', confirmed: 'confirmed as fake' };
/** What a reviewer has done to `it`. */
export const decided = (decision, it) =>
  decision === 'released' ? `released ${it}` : `confirmed ${it} as fake`;
export const opinions = { real: 'Real', fake: 'Fake', unsure: 'Unsure' };
export const bases = {
  'original-found': ['The original was found', 'It shows what was changed, or that nothing was.'],
  admission: ['Somebody admitted it', 'Who made or sent the file says what it is.'],
  opinion: ['My opinion', 'From looking and listening. Never used to test detectors.'],
};

/** What no detector here looks at, by kind of file, all of it where that is not known; a finding says nothing about it. */
export function notExamined(kind) {
  return [
    kind !== 'photo' && ['Cuts', 'words or scenes left out, or put into another order'],
    kind !== 'photo' && ['Speed', 'slowing or hurrying, which makes people seem drunk or excited'],
    kind !== 'sound' && ['Cropping', 'what was cut off at the edges'],
    ['Caption', 'a genuine recording said to be of another day, place or person'],
    ['Staging', 'actors, look-alikes and imitated voices'],
    ['Intent', 'whether somebody wants to deceive, or jokes openly'],
  ].filter(Boolean);
}

/** What was found of where a file comes from: a title, and what that means. `marked`: no credentials, but the mark of masque's own fakes. */
export const provenance = {
  'not-examined': ['Content credentials were not looked for', 'Whether the file carries any is not known.'],
  absent: [
    'No content credentials found',
    'Most genuine files carry none, and most platforms remove them: this says nothing either way.',
  ],
  marked: [
    'No content credentials found, but a mark of masque',
    'masque writes it into the fakes that it makes. Nobody has signed it: anyone can write such a mark, or remove it.',
  ],
  'present-signer-not-verified': [
    'Content credentials present, signer not verified',
    'Nobody has checked who signed them. Anyone can sign a claim; what follows is what they say, not what is true.',
  ],
  damaged: [
    'Content credentials present, but damaged',
    'They do not fit the file, or cannot be read: it was changed after signing, or saved by a program that does not know them.',
  ],
};
