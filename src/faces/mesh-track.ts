/** What is known of the main face of a clip before any head is fitted to it: 468 dense points a frame, smoothed over time. */

/** Points of the dense face mesh; which is which: `mesh-topology.ts`. */
export const meshPointCount = 468;

/**
 * `frames`: per frame 468×3 values (x, y in pixels of the frame, where pixel i covers [i, i + 1); z in the same unit, relative, smaller
 * nearer to the camera), smoothed; null where there is no face.
 * `found`: frames in which the face was seen; `bridged`: frames whose points were put between those around them; `faces`: most faces
 * seen at once.
 */
export type MeshTrack = {
  fps: number;
  width: number;
  height: number;
  frames: (Float32Array | null)[];
  found: number;
  bridged: number;
  faces: number;
};
