/** How good generators and detectors are apart from scores: their own figures with intervals, and the pictures they show of themselves. */
import type { RunRecord } from '../records/record.ts';
import { formatDuration, formatNumber, intervalOf, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';

/** A picture as `data:image/png;base64,…` or `data:image/jpeg;base64,…`, with a title that says what is where. */
export type Sheet = { generator: string; title: string; image: string };
type Component = Pick<RunRecord['detectors'][number], 'label' | 'trainSeconds' | 'quality'>;

/** Undefined where no component measured anything of itself. @throws on a sheet that is no PNG or JPEG data URI. */
export function qualitySection(components: readonly Component[], sheets: readonly Sheet[]): Html | undefined {
  const parts = components.flatMap((component) => {
    const own = sheets.filter(({ generator }) => generator === component.label);
    const measured = Object.keys(component.quality).length > 0;
    if (!measured && own.length === 0) return [];
    return [
      html`<h3>${component.label}</h3>${measured ? figuresTable(component) : undefined}${own.map(sheetFigure)}`,
    ];
  });
  const names = components.flatMap(({ quality }) => Object.keys(quality));
  return parts.length === 0 ? undefined : html`${parts}${legend(names)}`;
}

/** What figures mean, by what stands in front of the `/` of their names; behind it stands what they are of. */
const meanings: Record<string, string> = {
  syncOwnConfidence:
    'how clearly sync-own finds the sound that belongs to the mouth (median less least distance over offsets): of fakes, of the real clips they were made of, and of fakes under a foreign sound (shuffled)',
  syncOwnDistance: 'distance of mouth and sound in sync-own at the best offset; less is closer',
  syncOwnShare:
    '(C_fake − C_shuffled) / (C_real − C_shuffled), C being the confidence: 1 where the mouth follows the sound as a real one does, 0 where it follows as little as under a foreign sound',
  offsetFoundWithin1Frame: 'share of moved sounds whose move is found to within one frame',
  offsetFoundExactly: 'share of moved sounds whose move is found exactly',
  confidence: 'as syncOwnConfidence, of real clips under their own sound',
  kidOwn:
    'kernel distance (unbiased MMD², as in KID) to the portraits of the real test people, on a network of our own; 0 or somewhat less where nothing tells them apart, and no number to set beside other networks’. Of a generator’s fakes; what halves of the real ones among themselves, other people, and the real ones blurred, noisy and averaged reach stands under the measure kid-own',
  identity:
    'how alike the portraits of a clip and of the person it should show are, with hair and all (cosine on the network of kid-own, seen from the mean of all real ones; a swapped face keeps the head it is laid into): of fakes, of real clips and other clips of the same person, and of real clips and other people',
  mouthRmsMm:
    'RMS distance of the mouth’s points heard from those shown, in mm: of the puppet, and of guesses that know less',
  mouthRmsRatio: 'error of the puppet over that of the guess; below 1 the puppet is better',
  mouthRmsMmBySeconds: 'the puppet’s error, mm, by the seconds of footage it was fitted on',
  psnrDb:
    'PSNR against the filmed frame inside the box of what is repainted, dB: of the fake, and of what doing little would give: of puppets, in the mouth box, the mean mouth, the nearest footage, and another sentence (shuffled); of face swaps, drawing the target’s own face, the mean face; else the target encoded once more (copy-target)',
  psnrGainDb: 'PSNR of the puppet less that of the way named, dB; above 0 the puppet is closer to the film',
  ssim: 'SSIM of the same pictures inside the same box',
  ssimGain: 'SSIM of the puppet less that of the way named',
  frameDifference:
    'mean absolute difference of colours (0 to 1) from the filmed frame, over the whole frame, painted in the same ways',
  windowDifference: 'the same over the window that is repainted',
  aperture: 'correlation over time of the lip opening read from the pixels with the true one',
  landmarkMm:
    'mean distance, mm, of the mouth’s landmarks read from the pixels from the true ones, the head’s pose taken away; of filmed frames it is the reader’s error',
  flickerRatio:
    'how unevenly colours change over time (second difference) where it was repainted, over the same of the filmed frames; 1 is as restless as the film',
  landmarkPx:
    'how far the landmarks’ movement read from the face is from the target’s, root mean square, pixels of a crop of 32: of the swapped face, of one that does not move, and of filmed ones (the reader’s error)',
  identityShare:
    'whose face it is to a linear discriminant of the two people, 0 the target and 1 the face’s owner: of the swap, of the target’s own frames (copy-target), of the owner’s',
  openingCorrelation:
    'correlation, frame by frame and without unit, of the fake’s lip opening with its driver’s, both read by the face tracker: 1 where the puppet’s mouth does what the driver’s does; beside it the same with what the target’s own mouth did, which is no 0 where all speak at the same time and are silent at the same time',
  openingSpread:
    'how much the lips move: standard deviation of their opening over time, as a share of the distance between the eyes’ outer corners; of the puppet, and of its driver',
  lipClosure: 'share of /p b m/ at which the lips are read as closed',
  mse: 'mean square error of the coefficients on the last fifth of each sequence: of the network, of ridge regression on the same windows, and of the mean of the first part',
  mae: 'mean absolute error of the same',
  r2: '1 − Σe² / Σ(y − ȳ)² over all frames and coefficients of the last fifth; 1 is perfect, below 0 its mean would have been better',
  r2Gain: 'R² of the network less that of the guess named',
  melCepstralDb:
    'distance of mel cepstra 1 to 24 from the sound as spoken, dB, over the frames in which it is heard: of the fake, of the same sound encoded once more (copy-target), of another sentence (other-words)',
  logSpectralDb: 'root mean square difference of the power spectra, dB, of the same sounds',
  apertureReaderErrorMm: 'RMS error, mm, of the reader of lip openings on filmed frames',
};

/** The meanings of those that are there, once for a section. */
function legend(names: readonly string[]): Html | undefined {
  const prefixes = new Set(names.map((name) => name.split('/')[0]!));
  const known = Object.entries(meanings).filter(([prefix]) => prefixes.has(prefix));
  if (known.length === 0) return undefined;
  return html`<h3>What the figures mean</h3><dl class="pairs">${known.map(([prefix, meaning]) => html`<dt>${prefix}</dt><dd>${meaning}</dd>`)}</dl>`;
}

function figuresTable({ label, trainSeconds, quality }: Component): Html {
  const figures = Object.entries(quality);
  const reasons = [...new Set(figures.flatMap(([, measured]) => reasonOf(measured) ?? []))];
  // One reason for all stands below the table, several beside the figures they are of.
  const noted = reasons.length > 1;
  const trained = trainSeconds > 0 ? `, trained for ${formatDuration(trainSeconds)}` : '';
  return html`<div class="wide" role="region" tabindex="0" aria-label="Quality of ${label}"><table class="compact"><caption>Figures of ${label}${trained}</caption>
<thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th><th scope="col" class="number">95 % interval</th>${noted ? html`<th scope="col">Note</th>` : undefined}</tr></thead>
<tbody>${figures.map(([name, measured]) => {
    const interval = intervalOf(measured);
    return html`<tr><th scope="row" class="wrap">${name}</th><td class="number">${measured.value === null ? '–' : formatNumber(measured.value)}</td><td class="number">${interval ? `${formatNumber(interval.low)} – ${formatNumber(interval.high)}` : '–'}</td>${noted ? html`<td class="wrap muted">${reasonOf(measured)}</td>` : undefined}</tr>
`;
  })}</tbody></table></div>${reasons.length === 1 ? html`<p class="note">– : ${reasons[0]}.</p>` : undefined}`;
}

function sheetFigure({ generator, title, image }: Sheet): Html {
  if (!/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/.test(image))
    throw new Error(`picture "${title}" is no PNG or JPEG data URI`);
  return html`<figure class="sheet"><img src="${image}" alt="${`${generator}: ${title}`}"><figcaption>${title}</figcaption></figure>`;
}
