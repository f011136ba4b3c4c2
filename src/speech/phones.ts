/**
 * The phones of the embedded voices: what each one sounds like. Symbols are ARPABET in lower case; a vowel in a `PhoneSpan`
 * carries its stress (`ae1` stressed, `ae0` not), silence is `sil`.
 *
 * Formants and bandwidths of a grown man (formant scale 1) follow Klatt, "Software for a cascade/parallel formant
 * synthesizer", JASA 67 (1980), tables II and III, with closed vowels opened slightly so that F1 stays above the second
 * harmonic of a low voice. Durations: Klatt, "Linguistic uses of segmental duration in English", JASA 59 (1976).
 */
export type PhoneKind =
  | 'silence'
  | 'vowel'
  | 'glide'
  | 'nasal'
  | 'fricative'
  | 'stop'
  | 'affricate'
  | 'aspirate';

export type Phone = {
  kind: PhoneKind;
  voiced: boolean;
  /** F1–F3 in Hz; of a consonant the locus that neighbouring vowels move from and to. */
  formantsHz: readonly number[];
  bandwidthsHz: readonly number[];
  /** Where a diphthong ends, F1–F3 in Hz. */
  glideToHz?: readonly number[];
  /** 0 = always at its own formants, 1 = takes over the neighbouring vowel's F2 and F3 (slope of the locus equation). */
  yielding: number;
  /** Unstretched length and the shortest it can be, seconds. */
  durationSeconds: number;
  shortestSeconds: number;
  /** Parallel branch: levels in dB at F2–F6 and of the unfiltered noise; `-Infinity` = closed. */
  fricationDb?: readonly number[];
  /** Zero of the nasal branch, Hz. */
  nasalZeroHz?: number;
  /** Which of the 29 columns of the phone network it belongs to. */
  column: number;
};

type Formants = readonly [number, number, number];

const vowel = (
  column: number,
  milliseconds: number,
  formantsHz: Formants,
  bandwidthsHz: Formants,
  glideToHz?: Formants,
): Phone => ({
  kind: 'vowel',
  voiced: true,
  formantsHz,
  bandwidthsHz,
  ...(glideToHz && { glideToHz }),
  yielding: 0,
  durationSeconds: milliseconds / 1000,
  shortestSeconds: (0.42 * milliseconds) / 1000,
  column,
});

const consonant = (
  kind: PhoneKind,
  column: number,
  milliseconds: number,
  formantsHz: Formants,
  bandwidthsHz: Formants,
  more: Partial<Phone> = {},
): Phone => ({
  kind,
  voiced: true,
  formantsHz,
  bandwidthsHz,
  yielding: 0.3,
  durationSeconds: milliseconds / 1000,
  shortestSeconds: (0.7 * milliseconds) / 1000,
  column,
  ...more,
});

const none = -Infinity;
/** dB at F2, F3, F4, F5, F6 and unfiltered. */
const noiseOf = {
  lips: [none, none, none, none, none, -31],
  lipTeeth: [none, none, none, none, -42, -36],
  tongueTeeth: [none, none, none, -44, -38, -38],
  ridge: [none, none, -34, -22, -12, none],
  behindRidge: [none, -15, -16, -20, -24, none],
  ridgeBurst: [none, -26, -20, -14, -12, -36],
  palateBurst: [-14, -20, -24, -26, -32, none],
} as const;

const table = {
  sil: consonant('silence', 28, 100, [500, 1500, 2500], [80, 120, 200], { voiced: false, yielding: 0.7 }),

  iy: vowel(0, 155, [310, 2150, 2960], [50, 110, 200]),
  ih: vowel(1, 130, [410, 1850, 2570], [55, 100, 140]),
  eh: vowel(2, 150, [530, 1700, 2500], [60, 90, 160]),
  ae: vowel(3, 200, [660, 1660, 2430], [70, 120, 180]),
  aa: vowel(4, 200, [720, 1200, 2600], [90, 80, 160]),
  ao: vowel(5, 200, [590, 940, 2550], [80, 80, 100]),
  ah: vowel(6, 135, [620, 1250, 2550], [80, 70, 140]),
  ax: vowel(6, 90, [510, 1400, 2350], [80, 80, 140]),
  uh: vowel(7, 140, [450, 1100, 2350], [70, 90, 100]),
  uw: vowel(8, 170, [340, 1080, 2250], [60, 90, 130]),
  er: vowel(9, 180, [470, 1250, 1620], [70, 70, 100]),
  ey: vowel(10, 180, [480, 1800, 2520], [65, 100, 180], [340, 2080, 2650]),
  ay: vowel(11, 230, [680, 1220, 2550], [80, 80, 160], [400, 1920, 2550]),
  oy: vowel(5, 250, [550, 940, 2400], [75, 80, 120], [370, 1850, 2480]),
  ow: vowel(12, 200, [530, 1080, 2300], [70, 80, 110], [400, 860, 2300]),
  aw: vowel(13, 240, [670, 1230, 2550], [80, 80, 150], [420, 940, 2350]),

  // Of the second language alone. As `iy` and `ey` with rounded lips, which brings F2 and F3 down, set by that description, no measurement; in the columns of what they are nearest to.
  ue: vowel(8, 160, [310, 1700, 2150], [55, 100, 150]),
  oe: vowel(9, 165, [450, 1430, 2200], [65, 90, 140]),

  w: consonant('glide', 14, 75, [300, 640, 2150], [55, 80, 80], { yielding: 0.1 }),
  y: consonant('glide', 15, 75, [290, 2100, 3000], [50, 150, 300], { yielding: 0.05 }),
  r: consonant('glide', 16, 75, [330, 1080, 1450], [70, 100, 120], { yielding: 0.15 }),
  l: consonant('glide', 17, 75, [340, 1080, 2750], [60, 100, 220], { yielding: 0.2 }),

  m: consonant('nasal', 18, 78, [400, 1150, 2150], [60, 180, 200], { nasalZeroHz: 900, yielding: 0.65 }),
  n: consonant('nasal', 19, 68, [400, 1500, 2500], [60, 220, 250], { nasalZeroHz: 1500, yielding: 0.4 }),
  ng: consonant('nasal', 19, 80, [400, 2000, 2700], [60, 220, 250], { nasalZeroHz: 2900, yielding: 0.6 }),

  hh: consonant('aspirate', 20, 65, [500, 1500, 2500], [200, 150, 200], { voiced: false, yielding: 0.97 }),

  p: consonant('stop', 21, 105, [320, 1000, 2150], [200, 150, 220], {
    voiced: false,
    yielding: 0.65,
    fricationDb: noiseOf.lips,
  }),
  b: consonant('stop', 21, 92, [220, 1000, 2150], [60, 110, 130], {
    yielding: 0.65,
    fricationDb: noiseOf.lips,
  }),
  t: consonant('stop', 22, 88, [320, 1750, 2650], [200, 120, 250], {
    voiced: false,
    yielding: 0.4,
    fricationDb: noiseOf.ridgeBurst,
  }),
  d: consonant('stop', 22, 72, [220, 1750, 2650], [60, 100, 170], {
    yielding: 0.4,
    fricationDb: noiseOf.ridgeBurst,
  }),
  k: consonant('stop', 23, 95, [300, 1900, 2450], [200, 160, 280], {
    voiced: false,
    yielding: 0.75,
    fricationDb: noiseOf.palateBurst,
  }),
  g: consonant('stop', 23, 80, [220, 1900, 2450], [60, 150, 250], {
    yielding: 0.75,
    fricationDb: noiseOf.palateBurst,
  }),

  f: consonant('fricative', 24, 105, [340, 1100, 2100], [200, 120, 150], {
    voiced: false,
    yielding: 0.6,
    fricationDb: noiseOf.lipTeeth,
  }),
  v: consonant('fricative', 24, 68, [250, 1100, 2100], [60, 90, 120], {
    yielding: 0.6,
    fricationDb: noiseOf.lipTeeth,
  }),
  th: consonant('fricative', 25, 95, [320, 1300, 2540], [200, 90, 200], {
    voiced: false,
    yielding: 0.45,
    fricationDb: noiseOf.tongueTeeth,
  }),
  dh: consonant('fricative', 25, 55, [270, 1300, 2540], [60, 80, 170], {
    yielding: 0.45,
    fricationDb: noiseOf.tongueTeeth,
  }),
  /** Of the second language alone. */
  kh: consonant('fricative', 20, 100, [350, 1500, 2400], [200, 160, 280], {
    voiced: false,
    yielding: 0.75,
    fricationDb: noiseOf.palateBurst,
  }),
  s: consonant('fricative', 26, 110, [320, 1600, 2580], [200, 100, 200], {
    voiced: false,
    yielding: 0.3,
    fricationDb: noiseOf.ridge,
  }),
  z: consonant('fricative', 26, 78, [250, 1600, 2580], [70, 80, 180], {
    yielding: 0.3,
    fricationDb: noiseOf.ridge,
  }),
  sh: consonant('fricative', 27, 110, [310, 1840, 2750], [200, 100, 250], {
    voiced: false,
    yielding: 0.2,
    fricationDb: noiseOf.behindRidge,
  }),
  zh: consonant('fricative', 27, 75, [260, 1840, 2750], [70, 90, 220], {
    yielding: 0.2,
    fricationDb: noiseOf.behindRidge,
  }),
  ch: consonant('affricate', 27, 125, [330, 1800, 2800], [200, 90, 250], {
    voiced: false,
    yielding: 0.2,
    fricationDb: noiseOf.behindRidge,
  }),
  jh: consonant('affricate', 27, 100, [250, 1800, 2800], [60, 80, 220], {
    yielding: 0.2,
    fricationDb: noiseOf.behindRidge,
  }),
} as const satisfies Record<string, Phone>;

export type PhoneSymbol = keyof typeof table;

/** Every phone, by symbol without stress. */
export const phones: Readonly<Record<PhoneSymbol, Phone>> = table;

/** Columns of the phone network: 28 groups of phones that look or sound alike, then silence in the place of the CTC blank. */
export const phoneColumnCount = 29;

/** The symbol without its stress: `ae1` → `ae`. Throws on what is no phone. */
export function phoneSymbol(phone: string): PhoneSymbol {
  const symbol = phone.replace(/[01]$/, '');
  if (!Object.hasOwn(table, symbol))
    throw new Error(`"${phone}" is not a phone (src/speech/phones.ts lists them)`);
  return symbol as PhoneSymbol;
}

/** The phone network's column of a phone, 0 to 28; 28 is silence. */
export const phoneColumn = (phone: string): number => phones[phoneSymbol(phone)].column;

export const isStressed = (phone: string): boolean => phone.endsWith('1');
