/** The picture of a file in quarantine: blurred until somebody asks to see it, with boxes where a detector looked. */
import { call } from './api.js';
import { el } from './dom.js';

/** `localised`: stretches whose `box` is drawn with its number; `name` tells pictures of a list apart. */
export function preview(quarantineId, localised = [], name = '') {
  const path = `/v1/quarantine/${encodeURIComponent(quarantineId)}/preview`;
  const image = el('img', {
    src: path,
    alt: `Blurred preview${name}`,
    loading: 'lazy',
    class: 'blurred',
  });
  const frame = el('div', { class: 'frame' }, image, boxesOf(localised));
  const about = () => name && el('span', { class: 'hidden' }, name);
  const button = el('button', { type: 'button', class: 'small' }, 'Show the picture', about());
  const none = el('p', { class: 'note', hidden: true });
  button.addEventListener('click', () => {
    const isBlurred = image.classList.toggle('blurred');
    image.alt = `${isBlurred ? 'Blurred preview' : 'Preview, not blurred'}${name}`;
    button.replaceChildren(isBlurred ? 'Show the picture' : 'Blur it again', about());
  });
  const show = (isThere) => {
    frame.hidden = button.hidden = !isThere;
    none.hidden = isThere;
  };
  const again = el('button', { type: 'button', class: 'small' }, 'Try again', about());
  again.addEventListener('click', () => {
    show(true);
    image.src = path;
  });
  image.addEventListener('error', async () => {
    const { message, isFinal } = await whyNot(path);
    none.replaceChildren(message, ...(isFinal ? [] : [' ', again]));
    show(false);
  });
  return el('div', { class: 'preview' }, frame, none, button);
}

/** Stretches with the same place share a box, so that no number covers another. */
function boxesOf(localised) {
  const numbers = new Map();
  for (const [i, { box }] of localised.entries()) {
    const place = JSON.stringify(box);
    if (box) numbers.set(place, [...(numbers.get(place) ?? []), i + 1]);
  }
  return [...numbers].map(([place, own]) => boxOf(JSON.parse(place), own.join(', ')));
}

/** A picture that fails does not say why, so it is asked for once more. What came then is no JSON. */
async function whyNot(path) {
  const { status, message } = await call(path).catch((error) => error);
  const own = { 200: 'The picture did not come.', 404: 'There is no picture of this file.' };
  return { message: own[status] ?? message, isFinal: status === 404 || status === 410 };
}

/** Shares of width and height; a style attribute would be refused by the page's policy, the property is not. */
function boxOf({ x, y, width, height }, label) {
  const node = el('span', { class: 'box', 'aria-hidden': 'true' }, el('b', {}, label));
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
      boxesOf(localised),
    ),
    el('p', { class: 'note' }, 'The frame stands for the whole picture, which is not shown here.'),
  );
