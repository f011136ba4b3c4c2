/** HTML in which every text is escaped unless it was built here: names, paths and configurations may be hostile. */

const markup: unique symbol = Symbol('markup');
/** Markup made by `html`; a plain string or a value read from JSON can never pass for it. */
export type Html = { readonly [markup]: string };
type Part = Html | string | number | undefined | readonly Part[];

/** Template tag. Strings and numbers are escaped (also for quoted attributes), markup is kept, lists are joined, undefined is nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return { [markup]: texts.reduce((text, next, i) => text + render(parts[i - 1]) + next) };
}

/** Text of ours that is markup as it stands: a script. Never give it what was read. */
export const verbatim = (text: string): Html => ({ [markup]: text });

/** The text of the markup. */
export function toText(part: Part): string {
  return render(part);
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return markup in part ? part[markup] : part.map(render).join('');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text with everything replaced that means something in XML; control characters, which XML forbids, become U+FFFD. */
export function escape(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, (character) =>
    /[\t\n\r]/.test(character) ? character : '\uFFFD',
  );
  return printable.replace(/[&<>"']/g, (character) => entities[character]!);
}
