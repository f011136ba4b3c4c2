/** Files are dropped or chosen here, and seen on their way. */
import { el } from './dom.js';
import { sentFiles, take } from './uploads.js';

export async function check({ signal }) {
  const input = el('input', {
    id: 'file',
    type: 'file',
    multiple: true,
    accept: 'video/*,image/*,audio/*',
    'aria-describedby': 'file-help',
  });
  const zone = el(
    'div',
    { class: 'drop' },
    el('label', { for: 'file' }, 'Drop a file here, or choose one'),
    input,
    el(
      'p',
      { id: 'file-help', class: 'note' },
      'Video, photo or sound. It is kept on this service as it is and shown to its reviewers; nothing is sent elsewhere.',
    ),
  );
  input.addEventListener('change', () => (take(input.files), (input.value = '')));
  const over = (on) => (event) => (event.preventDefault(), zone.classList.toggle('over', on));
  zone.addEventListener('dragover', over(true));
  zone.addEventListener('dragleave', over(false));
  zone.addEventListener('drop', (event) => (over(false)(event), take(event.dataTransfer.files)));
  const promise = el(
    'p',
    { class: 'lead' },
    'The detectors look for traces of face swapping, animated faces and made voices. What they find is a reason to look closer, never a proof; finding nothing is none either.',
  );
  return { title: 'Check a file', body: [promise, zone, sentFiles(signal)] };
}
