/** The software rasteriser: a z-buffered canvas with several samples per pixel, textured triangles lit at their vertices. */

/** `samples` per pixel along each axis. Colours are linear light. */
export type Canvas = {
  width: number;
  height: number;
  /** 1/z per sample, 0 where nothing was drawn. */
  inverseDepth: Float32Array;
  /** Linear RGB per sample; valid where something was drawn. */
  rgb: Float32Array;
  /** Which part a sample shows. */
  part: Uint8Array;
};

/** RGBA, eight bits each, colour values as square roots of linear light; A is gloss. */
export type Texture = { width: number; height: number; rgba: Uint8Array };

export type Drawable = {
  triangles: Uint32Array;
  /** Two per vertex, [0, 1]. */
  uv: Float32Array;
  texture: Texture;
  /** Written to `Canvas.part`. */
  part: number;
  /** Drawn from behind too. */
  twoSided?: boolean;
};

/** Linear light of a texture value. */
export const textureToLinear = Float32Array.from({ length: 256 }, (_, i) => (i / 255) ** 2);

export function createCanvas(width: number, height: number): Canvas {
  return {
    width,
    height,
    inverseDepth: new Float32Array(width * height),
    rgb: new Float32Array(width * height * 3),
    part: new Uint8Array(width * height),
  };
}

export function clear(canvas: Canvas): void {
  canvas.inverseDepth.fill(0);
  canvas.part.fill(0);
}

/**
 * Draws a part. Triangles are small, so all attributes are interpolated linearly on the screen.
 * @param points x and y in samples and depth in mm, three per vertex (`project`).
 * @param light Diffuse RGB and specular light, four per vertex; colour = texture · RGB + gloss · specular.
 */
export function draw(canvas: Canvas, item: Drawable, points: Float32Array, light: Float32Array): void {
  const { width, height, inverseDepth, rgb, part } = canvas;
  const { triangles, uv, texture } = item;
  const { rgba } = texture;
  const tw = texture.width;
  const uMax = tw - 0.001;
  const vMax = texture.height - 0.001;
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]!;
    let b = triangles[t + 1]!;
    let c = triangles[t + 2]!;
    const ax = points[a * 3]!;
    const ay = points[a * 3 + 1]!;
    let bx = points[b * 3]! - ax;
    let by = points[b * 3 + 1]! - ay;
    let cx = points[c * 3]! - ax;
    let cy = points[c * 3 + 1]! - ay;
    let area = bx * cy - cx * by;
    if (area < 0 && item.twoSided) {
      [b, c, bx, by, cx, cy, area] = [c, b, cx, cy, bx, by, -area];
    }
    if (!(area > 0)) continue;
    const minY = Math.min(0, by, cy) + ay;
    const maxY = Math.max(0, by, cy) + ay;
    const top = minY < 0.5 ? 0 : Math.ceil(minY - 0.5);
    const bottom = maxY > height - 0.5 ? height - 1 : Math.floor(maxY - 0.5);
    if (top > bottom) continue;
    const minX = Math.min(0, bx, cx) + ax;
    const maxX = Math.max(0, bx, cx) + ax;
    const left = minX < 0.5 ? 0 : Math.ceil(minX - 0.5);
    const right = maxX > width - 0.5 ? width - 1 : Math.floor(maxX - 0.5);
    if (left > right) continue;
    // Barycentric weights of b and c and their steps along x.
    const inverse = 1 / area;
    const wbx = cy * inverse;
    const wby = -cx * inverse;
    const wcx = -by * inverse;
    const wcy = bx * inverse;
    const za = 1 / points[a * 3 + 2]!;
    const zb = 1 / points[b * 3 + 2]! - za;
    const zc = 1 / points[c * 3 + 2]! - za;
    const ua = uv[a * 2]! * tw;
    const ub = uv[b * 2]! * tw - ua;
    const uc = uv[c * 2]! * tw - ua;
    const va = uv[a * 2 + 1]! * texture.height;
    const vb = uv[b * 2 + 1]! * texture.height - va;
    const vc = uv[c * 2 + 1]! * texture.height - va;
    const ra = light[a * 4]!;
    const rb = light[b * 4]! - ra;
    const rc = light[c * 4]! - ra;
    const ga = light[a * 4 + 1]!;
    const gb = light[b * 4 + 1]! - ga;
    const gc = light[c * 4 + 1]! - ga;
    const la = light[a * 4 + 2]!;
    const lb = light[b * 4 + 2]! - la;
    const lc = light[c * 4 + 2]! - la;
    const sa = light[a * 4 + 3]!;
    const sb = light[b * 4 + 3]! - sa;
    const sc = light[c * 4 + 3]! - sa;
    for (let y = top; y <= bottom; y++) {
      const dy = y + 0.5 - ay;
      const dx = left + 0.5 - ax;
      let wb = dx * wbx + dy * wby;
      let wc = dx * wcx + dy * wcy;
      let sample = y * width + left;
      for (let x = left; x <= right; x++, sample++, wb += wbx, wc += wcx) {
        if (wb < -1e-6 || wc < -1e-6 || wb + wc > 1.000001) continue;
        const z = za + wb * zb + wc * zc;
        if (z <= inverseDepth[sample]!) continue;
        inverseDepth[sample] = z;
        part[sample] = item.part;
        const u = ua + wb * ub + wc * uc;
        const v = va + wb * vb + wc * vc;
        const texel = ((v < 0 ? 0 : v > vMax ? vMax : v) | 0) * tw + ((u < 0 ? 0 : u > uMax ? uMax : u) | 0);
        const shine = (sa + wb * sb + wc * sc) * rgba[texel * 4 + 3]! * (1 / 255);
        rgb[sample * 3] = textureToLinear[rgba[texel * 4]!]! * (ra + wb * rb + wc * rc) + shine;
        rgb[sample * 3 + 1] = textureToLinear[rgba[texel * 4 + 1]!]! * (ga + wb * gb + wc * gc) + shine;
        rgb[sample * 3 + 2] = textureToLinear[rgba[texel * 4 + 2]!]! * (la + wb * lb + wc * lc) + shine;
      }
    }
  }
}
