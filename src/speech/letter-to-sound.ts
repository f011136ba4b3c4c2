/**
 * How a word is said that stands in no list: rules from letters to phones, written for this project, tried in their order at each
 * letter; the first that fits is used. What they get wrong on the pronouncing list is measured in the tests.
 */
import { lexicon } from './lexicon.ts';

/**
 * One rule a line: before [letters] after, phones. Contexts are regular expressions; V is a vowel letter, C another one, `^` and `$` the
 * word's ends. Vowels get their stress later, but those with a 0, which never carry any.
 */
const text = `
  [augh] ao | [au] ao | [awr] ao r | [aw] ao | [ay] ey | [air] eh r | V.*C[ain]$ ax0 n | [ai] ey | [are]$ eh r | [arr] ae r | [ar] aa r
  [alk] ao k | [all] ao l | C[al]$ ax0 l | V.*C[able]$ ax0 b ax0 l | C[age]$ ih0 jh | ^[a]CV ax0 | ^[a]rr ax0
  w[a](r|ll) ao | w[a](n|t|s|l) aa | q[ua] w aa | [a]CCe$ ae | [a]ste ey | [a]C(e|i|y) ey | [a]Cle ey | [a]$ ax0 | V.*C[an]$ ax0 n | [a] ae
  [bb] b | m[b]$ | [b] b
  [ch] ch | [ck] k | [cia] sh ax0 | [cc] k | [c](e|i|y) s | [c] k
  [dge] jh | [dd] d | [d] d
  [eer] ih r | [ear]$ ih r | [ea]th eh | [ea]d$ eh | [ea] iy | [ee] iy | [eigh] ey | [ei] ey | ^C+[ey]$ ey | [ey]$ iy0 | [eau] y uw | [eo] iy | [eu] y uw
  [ew] uw | [ere]$ ih r | [er]ed$ er0 | V.*[er](y|i) er0 | [er]V eh r | [er] er0 | (t|d)[ed]$ ax0 d | VC+(p|k|f|s|x|c|ch|sh)[ed]$ t | V(p|k|f|s|x|c|ch|sh)[ed]$ t | V.*[ed]$ d
  (s|x|z|ch|sh|g|c)[es]$ ih0 z | V.*C[es]$ z | ^C+[e]$ iy | V.*[e]$ | C[el]$ ax0 l | C[en]$ ax0 n | V.*[e](ment|ful|less|ly)$ | ^C?[e]C(e|i)$ iy | ^(r|b|d)[e]CV ih0 | [e] eh
  [ff] f | [f] f
  ^[gh] g | [gh] | ^[gn] n | [gn]$ n | [gg] g | [gue]$ g | [g](irl|ive|et) g | n[ger]$ g er0 | [g](e|i|y) jh | [g] g
  ^[h] hh | [h]V hh | [h]
  [igh] ay | ^C[ie] ay | [ies]$ iy0 z | [ie] iy | [ire] ay er0 | [irr] ih r | [ir]V ih r | [ir] er | [ign]$ ay n | [ind]$ ay n d | [ild]$ ay l d
  [iou] iy0 ax0 | [io] iy0 ow | [ia] iy0 ax0 | C[ive]$ ih0 v | [i]Ce$ ay | [i](b|d|f|k|l|m|n|p|r|t|z)e(r|d|s)$ ay | [i]$ iy | [i] ih
  [j] jh | ^[kn] n | [k] k | C[le]$ ax0 l | C[les]$ ax0 l z | [ll] l | [l] l | [mm] m | [m] m
  [ng]$ ng | [ng]C ng | [nk] ng k | [nn] n | [n] n
  [ook] uh k | [ood] uh d | [oor] ao r | [oo] uw | C[ous]$ ax0 s | [ought] ao t | [ough]$ ow | V.*C[our]$ er0 | [our] ao r | [ould] uh d | [ou] aw | [ower] aw er0 | [ow]$ ow | [own] aw n | [ow] ow
  [oy] oy | [oi] oy | [oa] ow | [oe] ow | [ore] ao r | [orr] aa r | w[or] er | [or]$ er0 | [or] ao r | [old] ow l d | [other] ah dh er0
  V.*C[on]$ ax0 n | V.*C[om]$ ax0 m | [o]Ce$ ow | [o]C(e|i|a|o) ow | [o]$ ow | [o] aa
  [ph] f | [pp] p | [p] p | [qu] k w | [q] k | [rr] r | [rh] r | [r] r
  [ssion] sh ax0 n | V[sion] zh ax0 n | [sion] sh ax0 n | [sch] s k | [sh] sh | [ss] s | [sc](e|i|y) s | V[s](V|m) z | (b|d|g|l|m|n|r|v|w|y|e)[s]$ z | [s] s
  [tch] ch | ^[th](e|is|at|ey|em|en|ere|ese|ose)$ dh | [ther] dh er0 | [th] th | [tion] sh ax0 n | [tial] sh ax0 l | [ture]$ ch er0 | [tt] t | [t] t
  [urr] er | [ure]$ y uh r | [ur]V y uh r | [ur] er | [uy] ay | C[ui] uw | [ue]$ uw | ^[u]CV y uw | V.*C[um]$ ax0 m | (b|c|f|m|p)[u]C(e|i|u) y uw | [u]C(e|i|a) uw | [u]$ uw | [u] ah
  [v] v | [wh] w | ^[wr] r | [w]V w | [w] | ^[x] z | [x] k s
  ^[you] y uw | ^[y] y | [y]V y | ^C+[y]$ ay | [y]$ iy0 | [y]Ce ay | [y] ih | [zz] z | [z] z`;

type Rule = { before: RegExp; letters: string; after: RegExp; phones: readonly string[] };

const pattern = (context: string): string => context.replaceAll('V', '[aeiouy]').replaceAll('C', '[^aeiouy]');

const rules: readonly Rule[] = text.split(/\||\n/).reduce<string[]>(joinSplit, []).flatMap(toRule);

/** A `|` inside brackets divides no rules. */
function joinSplit(done: string[], part: string): string[] {
  const last = done.at(-1);
  const open = last !== undefined && last.split('(').length > last.split(')').length;
  return open ? [...done.slice(0, -1), `${last}|${part}`] : [...done, part];
}

function toRule(line: string): Rule[] {
  const found = /^(.*)\[(\w+)\](\S*)(.*)$/.exec(line.trim());
  if (!found) return [];
  const [, before, letters, after, said] = found as unknown as [string, string, string, string, string];
  return [
    {
      before: new RegExp(`${pattern(before)}$`),
      letters,
      after: new RegExp(`^${pattern(after)}`),
      phones: said.trim() === '' ? [] : said.trim().split(' '),
    },
  ];
}

const isVowel = /^(iy|ih|eh|ae|aa|ao|ah|ax|uh|uw|er|ey|ay|oy|ow|aw)$/;

/** The phones of a word of the letters a to z, with stress on its first vowel that may carry it, by the rules alone. */
export function soundOut(word: string): string[] {
  const said: string[] = [];
  for (let at = 0; at < word.length; ) {
    const rule = rules.find(
      ({ before, letters, after }) =>
        word.startsWith(letters, at) &&
        before.test(word.slice(0, at)) &&
        after.test(word.slice(at + letters.length)),
    );
    if (!rule) throw new Error(`"${word}": no rule says how "${word[at]}" sounds; letters are a to z`);
    said.push(...rule.phones);
    at += rule.letters.length;
  }
  const stressed = said.findIndex((phone) => isVowel.test(phone));
  const first = stressed >= 0 ? stressed : said.findIndex((phone) => phone.endsWith('0'));
  return said.map((phone, i) => {
    if (!isVowel.test(phone.replace(/0$/, ''))) return phone;
    return `${phone.replace(/0$/, '')}${i === first ? 1 : 0}`;
  });
}

/** The phones of a word: those between slashes (`/m ue1 n/`), else as the pronouncing list has them, else by rule. */
export const phonesOf = (word: string): readonly string[] =>
  word.startsWith('/') ? word.slice(1, -1).split(' ') : (lexicon.get(word) ?? soundOut(word));
