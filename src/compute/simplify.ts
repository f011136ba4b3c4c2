/**
 * Replaces calls of a tape by ones that give the same values with less work. What nobody reads after that is left out when
 * the tape is lowered. At present one rule: a convolution of an image that nearest neighbours have enlarged, and its
 * gradients, are computed on the small image (`kernels/enlarged-conv.ts`).
 */
import { enlargedGeometry } from './kernels/enlarged-conv.ts';
import type { Pair } from './kernels/geometry.ts';
import { wholeFactor } from './kernels/resize.ts';
import type { Call, Recorded } from './record.ts';

type Rule = (call: Call, maker: (tensor: Recorded | undefined) => Call | undefined) => Call | undefined;

export function simplify(calls: Call[]): Call[] {
  const makers = new Map(calls.flatMap((call) => call.outputs.map(({ id }) => [id, call] as const)));
  const maker = (tensor: Recorded | undefined): Call | undefined => {
    const call = tensor && makers.get(tensor.id);
    return call?.kernel === 'Identity' ? maker(call.inputs.x) : call;
  };
  return calls.map((call) => convolutionOfEnlarged[call.kernel]?.(call, maker) ?? call);
}

/** The factors and the small image of a call that enlarges by whole factors. */
function enlargement(call: Call | undefined): { small: Recorded; factors: Pair } | undefined {
  const small = call?.inputs.images;
  if (call?.kernel !== 'ResizeNearestNeighbor' || !small) return undefined;
  const factors = wholeFactor(small.shape, call.outputs[0]!.shape, call.attributes);
  return factors && { small, factors };
}

const ofEnlargedImage: Rule = (call, maker) => {
  const found = enlargement(maker(call.inputs.x));
  if (!found) return undefined;
  const { small, factors } = found;
  const filter = call.inputs.filter ?? call.outputs[0]!;
  const attributes = { ...call.attributes, enlarged: factors };
  if (!enlargedGeometry(small.shape, filter.shape, attributes)) return undefined;
  const kernel = `Enlarged${call.kernel.replace('Fused', '')}`;
  return { ...call, kernel, attributes, inputs: { ...call.inputs, x: small } };
};

const convolutionOfEnlarged: Record<string, Rule> = {
  Conv2D: ofEnlargedImage,
  FusedConv2D: ofEnlargedImage,
  Conv2DBackpropFilter: ofEnlargedImage,
  ResizeNearestNeighborGrad(call, maker) {
    const [output] = call.outputs as [Recorded];
    const gradient = maker(call.inputs.dy);
    if (gradient?.kernel !== 'Conv2DBackpropInput') return undefined;
    const factors = wholeFactor(output.shape, gradient.outputs[0]!.shape, call.attributes);
    const attributes = { ...gradient.attributes, enlarged: factors, inputShape: output.shape };
    if (!factors || !enlargedGeometry(output.shape, gradient.inputs.filter!.shape, attributes))
      return undefined;
    return { ...gradient, kernel: 'EnlargedConv2DBackpropInput', attributes, outputs: call.outputs };
  },
};
