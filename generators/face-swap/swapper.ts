/** A trained face swap, opened for one person seen and one person drawn. */
import { openModel } from '../../src/compute/model.ts';
import { ItemError } from '../../src/errors.ts';
import { readTensors } from '../../src/tensors.ts';
import type { FileRef, Frame, Model } from '../../src/types.ts';

/** `codes`: of the shared network, each person's mean code. */
export type SwapFiles = { encoder: FileRef; decoders: Record<string, FileRef>; codes?: FileRef };

/** What is drawn: colours, and where the face is, 0 to 1 per pixel (everywhere, where the network does not say). */
export type Drawn = { face: Frame; mask: Float32Array };
export type Swapper = { draw(crop: Frame): Promise<Drawn>; close(): void };

/** The files of many networks under the names of one model, and back: the network that knows both people. */
export function joinFiles(all: readonly SwapFiles[]): Model['files'] {
  const named = all.flatMap(({ encoder, decoders, codes }, i) => [
    [`${i}/encoder`, encoder],
    ...(codes ? [[`${i}/codes`, codes]] : []),
    ...Object.entries(decoders).map(([person, file]) => [`${i}/decoder/${person}`, file]),
  ]);
  return Object.fromEntries(named) as Model['files'];
}

/** The files of the network that was trained on both people; undefined where there is none. */
export function findFiles(files: Model['files'], seen: string, drawn: string): SwapFiles | undefined {
  const numbers = Object.keys(files)
    .filter((name) => name.endsWith('/encoder'))
    .map((name) => name.split('/')[0]!);
  for (const i of numbers) {
    const decoders = Object.fromEntries(
      [seen, drawn].map((person) => [person, files[`${i}/decoder/${person}`]] as const),
    );
    const codes = files[`${i}/codes`];
    if (decoders[seen] && decoders[drawn])
      return {
        encoder: files[`${i}/encoder`]!,
        decoders: decoders as Record<string, FileRef>,
        ...(codes ? { codes } : {}),
      };
  }
  return undefined;
}

/** As `findFiles`. Throws ItemError `E_NOT_APPLICABLE` where there is none. */
export function filesFor(files: Model['files'], seen: string, drawn: string): SwapFiles {
  const found = findFiles(files, seen, drawn);
  if (found) return found;
  throw new ItemError(
    'E_NOT_APPLICABLE',
    `no face swap was trained on both "${seen}" and "${drawn}". Each needs clips of use fit with a face track`,
  );
}

/** Opens what draws `drawn` as it sees `seen`. */
export async function openSwapper(
  { encoder, decoders, codes }: SwapFiles,
  seen: string,
  drawn: string,
): Promise<Swapper> {
  const mean = codes && ((await readTensors(codes.path))[seen]!.data as Float32Array);
  const from = await openModel(encoder.path, { threads: 1 });
  const to = await openModel(decoders[drawn]!.path, { threads: 1 });
  return {
    async draw(crop) {
      const code = await encode(from, crop);
      const data = mean ? code.data.map((value, i) => value - mean[i]!) : code.data;
      const { face } = await to.run({ code: { shape: code.shape, data } });
      return toDrawn(face!.data as Float32Array, face!.shape.at(-1)!, crop);
    },
    close() {
      from.close();
      to.close();
    },
  };
}

/** Runs an exported encoder on one face. */
export async function encode(
  encoder: Awaited<ReturnType<typeof openModel>>,
  { width, height, data }: Frame,
): Promise<{ shape: number[]; data: Float32Array }> {
  const faces = Float32Array.from(data, (value) => value / 255);
  const { code } = await encoder.run({ faces: { shape: [1, height, width, 3], data: faces } });
  return { shape: code!.shape, data: code!.data as Float32Array };
}

function toDrawn(values: Float32Array, channels: number, { width, height }: Frame): Drawn {
  const face = { width, height, data: new Uint8Array(width * height * 3) };
  const mask = new Float32Array(width * height).fill(1);
  for (let i = 0; i < mask.length; i++) {
    for (let c = 0; c < 3; c++) face.data[i * 3 + c] = Math.round(255 * values[i * channels + c]!);
    if (channels === 4) mask[i] = values[i * 4 + 3]!;
  }
  return { face, mask };
}
