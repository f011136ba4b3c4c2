/** The software rasteriser: a z-buffered canvas with several samples per pixel, textured triangles lit at their vertices. */

import { transform } from './mesh.ts';
import type { Camera, Pose } from './mesh.ts';

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

const { ceil, max, min } = Math;

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

/** Points of head space as the rasteriser wants them: x and y in samples and inverse depth, three per vertex. */
export function toScreen(points: Float32Array, pose: Pose, camera: Camera, out: Float32Array): void {
  transform(points, pose, out);
  for (let i = 0; i < out.length; i += 3) {
    const inverse = 1 / out[i + 2]!;
    out[i] = camera.centreX + out[i]! * camera.focalPx * inverse;
    out[i + 1] = camera.centreY + out[i + 1]! * camera.focalPx * inverse;
    out[i + 2] = inverse;
  }
}

/**
 * Draws a part. Triangles are small, so all attributes are interpolated linearly on the screen.
 * @param points x and y in samples and inverse depth per mm, three per vertex (`toScreen`).
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
      let swap = b;
      b = c;
      c = swap;
      swap = bx;
      bx = cx;
      cx = swap;
      swap = by;
      by = cy;
      cy = swap;
      area = -area;
    }
    if (!(area > 0)) continue;
    const minY = (by < cy ? (by < 0 ? by : 0) : cy < 0 ? cy : 0) + ay;
    const maxY = (by > cy ? (by > 0 ? by : 0) : cy > 0 ? cy : 0) + ay;
    const top = minY < 0.5 ? 0 : Math.ceil(minY - 0.5);
    const bottom = maxY > height - 0.5 ? height - 1 : Math.floor(maxY - 0.5);
    if (top > bottom) continue;
    const minX = (bx < cx ? (bx < 0 ? bx : 0) : cx < 0 ? cx : 0) + ax;
    const maxX = (bx > cx ? (bx > 0 ? bx : 0) : cx > 0 ? cx : 0) + ax;
    const left = minX < 0.5 ? 0 : Math.ceil(minX - 0.5);
    const right = maxX > width - 0.5 ? width - 1 : Math.floor(maxX - 0.5);
    if (left > right) continue;
    // Barycentric weights of b and c and their steps along x.
    const inverse = 1 / area;
    const wbx = cy * inverse;
    const wby = -cx * inverse;
    const wcx = -by * inverse;
    const wcy = bx * inverse;
    const za = points[a * 3 + 2]!;
    const zb = points[b * 3 + 2]! - za;
    const zc = points[c * 3 + 2]! - za;
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
    // Each edge bounds a row's samples: wb ≥ 0, wc ≥ 0 and wb + wc ≤ 1, all linear in x.
    const perB = 1 / wbx;
    const perC = 1 / wcx;
    const perA = 1 / (wbx + wcx);
    const x0 = left + 0.5 - ax;
    for (let y = top; y <= bottom; y++) {
      const dy = y + 0.5 - ay;
      let wb = x0 * wbx + dy * wby;
      let wc = x0 * wcx + dy * wcy;
      const wa = 1 - wb - wc;
      let first = 0;
      let last = right - left;
      if (wbx > 0) first = max(first, -wb * perB);
      else if (wbx < 0) last = min(last, -wb * perB);
      else if (wb < 0) continue;
      if (wcx > 0) first = max(first, -wc * perC);
      else if (wcx < 0) last = min(last, -wc * perC);
      else if (wc < 0) continue;
      if (wbx + wcx < 0) first = max(first, wa * perA);
      else if (wbx + wcx > 0) last = min(last, wa * perA);
      else if (wa < 0) continue;
      const from = ceil(first - 1e-6);
      wb += from * wbx;
      wc += from * wcx;
      const row = y * width + left;
      const end = row + last + 1e-6;
      for (let sample = row + from; sample <= end; sample++, wb += wbx, wc += wcx) {
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
