/**
 * The mean of a two-dimensional spectrum on rings around its centre (Durall, Keuper, Pfreundt, Keuper: "Unmasking DeepFakes
 * with simple Features", 2019, with the published code's conventions): the zero frequency is shifted to N/2, the centre of
 * the rings lies between pixels at (N−1)/2, a pixel belongs to the ring of its radius rounded down, and the first and last
 * ring are left out. Gives 43, 88, 179 and 722 means for N = 64, 128, 256 and 1024.
 * @param spectrum N×N values, row-major, the zero frequency at index 0.
 */
export function azimuthalMeans(spectrum: Float64Array, size: number): Float64Array {
  if (spectrum.length !== size * size)
    throw new RangeError(`azimuthalMeans: ${spectrum.length} values are not ${size}×${size}`);
  const rings = ringsOf(size);
  const sums = new Float64Array(rings.pixelCounts.length);
  for (let at = 0; at < spectrum.length; at++) sums[rings.ringOf[at]!]! += spectrum[at]!;
  return sums.map((sum, ring) => sum / rings.pixelCounts[ring]!).slice(1, -1);
}

type Rings = { ringOf: Uint16Array; pixelCounts: Uint32Array };

const known = new Map<number, Rings>();

function ringsOf(size: number): Rings {
  let rings = known.get(size);
  if (!rings) {
    const centre = (size - 1) / 2;
    const shifted = (index: number): number => ((index + size / 2) % size) - centre;
    const ringOf = Uint16Array.from({ length: size * size }, (_, at) =>
      Math.floor(Math.hypot(shifted(at % size), shifted(Math.floor(at / size)))),
    );
    const pixelCounts = new Uint32Array(Math.floor(centre * Math.SQRT2) + 1);
    for (const ring of ringOf) pixelCounts[ring]!++;
    rings = { ringOf, pixelCounts };
    known.set(size, rings);
  }
  return rings;
}
