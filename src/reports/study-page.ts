/** The page on which people judge clips without knowing what they are: one file beside its clips, no network. */
import { type Html, html, toText } from './html.ts';
import { page } from './page.ts';

/** `clips`: names of the files in `media/`, in the order in which they are shown. They say nothing of what the clips are. */
export type Study = { study: string; clips: readonly string[] };

/** Runs in the page; what it knows stands in attributes of the form. Answers are kept in the browser until they are downloaded. */
const script = toText(html`
const form = document.querySelector('form');
const { study } = form.dataset;
const clips = JSON.parse(form.dataset.clips);
const store = 'masque-study-' + study;
const [video, status, end] = ['video', '#status', '#end'].map((query) => document.querySelector(query));
let answers = [];
try { answers = JSON.parse(localStorage.getItem(store)) ?? []; } catch { answers = []; }
function show() {
  const at = answers.length;
  const done = at >= clips.length;
  form.hidden = done;
  end.hidden = !done;
  status.textContent = done ? 'All clips are judged.' : 'Clip ' + (at + 1) + ' of ' + clips.length;
  if (!done) {
    form.reset();
    video.src = 'media/' + clips[at];
    return;
  }
  video.removeAttribute('src');
  const text = JSON.stringify({ study, answers }, undefined, 1);
  end.querySelector('a').href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(form);
  answers.push({ clip: clips[answers.length], says: given.get('says'), confidence: Number(given.get('confidence')) });
  try { localStorage.setItem(store, JSON.stringify(answers)); } catch {}
  show();
  (form.hidden ? end.querySelector('a') : video).focus();
});
document.querySelector('#again').addEventListener('click', () => {
  answers = [];
  try { localStorage.removeItem(store); } catch {}
  show();
  video.focus();
});
show();
`);

const choice = (name: string, value: string, text: string): Html =>
  html`<label><input type="radio" name="${name}" value="${value}" required> ${text}</label>`;

/** A complete document, for a folder in which the clips lie under `media/`. Equal arguments give equal bytes. */
export function studyPage({ study, clips }: Study): string {
  const body = html`<h1>Real or fake?</h1>
<p class="lead">You will see short clips of people, one after the other. Some are recordings as they were made; in others the face, the mouth or the sound was forged, or the sound is not that of the picture. Play each as often as you like, say what you think and how sure you are. There is no way back, and nobody tells you whether you were right.</p>
<p>With the keyboard: Tab goes on, the space bar plays, the arrow keys choose, Enter goes to the next clip.</p>
<p id="status" role="status"></p>
<form class="study" data-study="${study}" data-clips="${JSON.stringify(clips)}">
<video controls playsinline aria-label="The clip to judge" tabindex="0"></video>
<fieldset><legend>This clip is</legend>${choice('says', 'real', 'real')}${choice('says', 'fake', 'fake')}</fieldset>
<fieldset><legend>How sure are you?</legend>${['1, a guess', '2', '3', '4', '5, certain'].map((text, i) => choice('confidence', String(i + 1), text))}</fieldset>
<button>Next clip</button></form>
<div id="end" hidden><p>Thank you. Please download your answers and send the file to whoever asked you.</p>
<p><a href="#end" download="answers.json">Download the answers</a> <button type="button" id="again">Start again as another person</button></p></div>`;
  return toText(page('Real or fake?', body, { script, filesBeside: true }));
}
