/** The picture of a file in quarantine: blurred until somebody asks to see it, with boxes where the detectors looked. */
import { el } from './dom.js';

/** `localised`: stretches whose `box` is drawn with its number; `name` tells pictures of a list apart. */
export function preview(quarantineId, localised = [], name = '') {
  const image = el('img', {
    src: `/v1/quarantine/${encodeURIComponent(quarantineId)}/preview`,
    alt: `Blurred preview${name}`,
    loading: 'lazy',
    class: 'blurred',
  });
  const boxes = localised.map(({ box }, i) => box && boxOf(box, i + 1));
  const frame = el('div', { class: 'frame' }, image, boxes);
  const about = name && el('span', { class: 'hidden' }, name);
  const button = el('button', { type: 'button', class: 'small' }, 'Show the picture', about);
  const none = el('p', { class: 'note', hidden: true }, 'There is no picture of this file.');
  button.addEventListener('click', () => {
    const isBlurred = image.classList.toggle('blurred');
    image.alt = `${isBlurred ? 'Blurred preview' : 'Preview, not blurred'}${name}`;
    button.replaceChildren(isBlurred ? 'Show the picture' : 'Blur it again', about);
  });
  image.addEventListener('error', () => {
    frame.hidden = button.hidden = true;
    none.hidden = false;
  });
  return el('div', { class: 'preview' }, frame, none, button);
}

/** Shares of width and height; a style attribute would be refused by the page's policy, the property is not. */
function boxOf({ x, y, width, height }, number) {
  const node = el('span', { class: 'box', 'aria-hidden': 'true' }, el('b', {}, String(number)));
  const percent = (share) => `${100 * Math.min(1, Math.max(0, share))}%`;
  Object.assign(node.style, {
    left: percent(x),
    top: percent(y),
    width: percent(width),
    height: percent(height),
  });
  return node;
}

/** The boxes on an empty picture, where there is no preview. */
export const emptyFrame = (localised) =>
  el(
    'div',
    { class: 'preview' },
    el(
      'div',
      { class: 'frame bare', role: 'img', 'aria-label': 'Where in the picture; the list says it in words' },
      localised.map(({ box }, i) => box && boxOf(box, i + 1)),
    ),
    el('p', { class: 'note' }, 'The frame stands for the whole picture, which is not shown here.'),
  );
