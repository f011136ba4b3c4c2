/** Teaches detectors on the fakes of the training identities; whatever they choose, they choose on validation. */
import type { Choice } from '../config.ts';
import type {
  Detector,
  Examples,
  FileRef,
  Judged,
  LabelledClip,
  Model,
  Others,
  Quality,
  Split,
} from '../types.ts';
import { timed, type RunContext } from './context.ts';
import { type LineItem, truthOf } from './items.ts';

/** A detector with what it learned, ready to be scored with. `trainedOn`: labels of the generators whose fakes it saw. */
export type Trained = {
  detector: Detector;
  code: FileRef;
  label: string;
  judges: Judged;
  options: unknown;
  model?: Model;
  trainedOn: string[];
  trainSeconds: number;
  /** Of a probe, which is reported apart. */
  probe: boolean;
  quality?: Quality;
  /** Label of the same detector taught by all makers; this one was taught by some (protocol `cross-generator`). */
  variantOf?: string;
  /** Those that it asks. */
  members?: Trained[];
};

/** What a detector judges with these options. */
export const judgesOf = (detector: Detector, options: unknown): Judged =>
  detector.judgesBy?.(options) ?? detector.judges;

/** `choice` is the detector's entry in the experiment; of `items` it sees the real clips and the fakes of `trainedOn`. `others`: see `Detector`. */
export async function trainDetector(
  detector: Detector,
  code: FileRef,
  choice: Choice,
  items: LineItem[],
  trainedOn: string[],
  probe: boolean,
  context: RunContext,
  others?: Others,
): Promise<Trained> {
  const { options } = choice;
  const judges = judgesOf(detector, options);
  const base = { detector, code, label: detector.label(options), judges, options, probe };
  if (!detector.train) {
    const model = await detector.bring?.(options, context);
    return { ...base, trainedOn: [], trainSeconds: 0, ...(model ? { model } : {}) };
  }
  const chosen = items.filter(({ generator }) => generator === undefined || trainedOn.includes(generator));
  const examples: Examples = {
    train: labelled(chosen, 'train', judges),
    validation: labelled(chosen, 'validation', judges),
  };
  const training = timed(context);
  const model = await detector.train(examples, options, training.context, others);
  return { ...base, model, trainedOn, trainSeconds: training.seconds() };
}

/** The clips of one split whose label for what the detector judges is known. Failed items teach nothing. */
function labelled(items: LineItem[], split: Split, judges: Judged): LabelledClip[] {
  return items.flatMap((entry) => {
    const truth = truthOf(entry.item, judges);
    return 'clip' in entry && entry.item.split === split && truth ? [{ clip: entry.clip, truth }] : [];
  });
}
