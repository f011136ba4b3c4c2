/**
 * The pronouncing list, written for this project: words by their role in the sentence grammar, General American, ARPABET
 * with stress on vowels (1 stressed, 0 not). Words with p, b, m, f, v and rounded vowels are plenty: they show on the lips.
 */
const text = {
  person: `
    baker b ey1 k er0 | farmer f aa1 r m er0 | painter p ey1 n t er0 | mother m ah1 dh er0 | father f aa1 dh er0
    brother b r ah1 dh er0 | doctor d aa1 k t er0 | sailor s ey1 l er0 | teacher t iy1 ch er0 | woman w uh1 m ax0 n
    man m ae1 n | boy b oy1 | girl g er1 l | neighbour n ey1 b er0 | fisherman f ih1 sh er0 m ax0 n
    captain k ae1 p t ax0 n | singer s ih1 ng er0 | driver d r ay1 v er0 | uncle ah1 ng k ax0 l | judge jh ah1 jh
    queen k w iy1 n | shepherd sh eh1 p er0 d | pilot p ay1 l ax0 t | musician m y uw0 z ih1 sh ax0 n
    beekeeper b iy1 k iy0 p er0 | family f ae1 m l iy0`,
  thing: `
    boat b ow1 t | bread b r eh1 d | map m ae1 p | box b aa1 k s | bicycle b ay1 s ih0 k ax0 l | lamp l ae1 m p
    apple ae1 p ax0 l | window w ih1 n d ow0 | piano p iy0 ae1 n ow0 | book b uh1 k | violin v ay0 ax0 l ih1 n
    basket b ae1 s k ax0 t | paper p ey1 p er0 | coffee k ao1 f iy0 | shoe sh uw1 | umbrella ah0 m b r eh1 l ax0
    mirror m ih1 r er0 | pumpkin p ah1 m p k ax0 n | camera k ae1 m r ax0 | ladder l ae1 d er0 | spoon s p uw1 n
    wagon w ae1 g ax0 n | cheese ch iy1 z | clock k l aa1 k | button b ah1 t ax0 n | blanket b l ae1 ng k ax0 t
    letter l eh1 t er0 | hammer hh ae1 m er0 | feather f eh1 dh er0 | vase v ey1 s | table t ey1 b ax0 l
    puzzle p ah1 z ax0 l | drum d r ah1 m | bell b eh1 l | picture p ih1 k ch er0 | telescope t eh1 l ax0 s k ow0 p
    engine eh1 n jh ax0 n | pillow p ih1 l ow0 | flower f l aw1 er0 | melon m eh1 l ax0 n`,
  quality: `
    old ow1 l d | blue b l uw1 | big b ih1 g | small s m ao1 l | brown b r aw1 n | heavy hh eh1 v iy0
    empty eh1 m p t iy0 | broken b r ow1 k ax0 n | purple p er1 p ax0 l | warm w ao1 r m | beautiful b y uw1 t ih0 f ax0 l
    yellow y eh1 l ow0 | round r aw1 n d | pretty p r ih1 t iy0 | famous f ey1 m ax0 s | favourite f ey1 v r ax0 t
    simple s ih1 m p ax0 l | new n uw1 | white w ay1 t | quiet k w ay1 ax0 t | cheap ch iy1 p | rough r ah1 f
    smooth s m uw1 dh | golden g ow1 l d ax0 n | wooden w uh1 d ax0 n | thin th ih1 n | clever k l eh1 v er0`,
  doing: `
    bought b ao1 t | brought b r ao1 t | moved m uw1 v d | found f aw1 n d | painted p ey1 n t ax0 d
    carried k ae1 r iy0 d | opened ow1 p ax0 n d | wanted w aa1 n t ax0 d | remembered r ih0 m eh1 m b er0 d
    dropped d r aa1 p t | fixed f ih1 k s t | borrowed b aa1 r ow0 d | loved l ah1 v d | kept k eh1 p t
    showed sh ow1 d | pushed p uh1 sh t | made m ey1 d | gave g ey1 v | sold s ow1 l d | saw s ao1
    washed w aa1 sh t | chose ch ow1 z | packed p ae1 k t | lifted l ih1 f t ax0 d | covered k ah1 v er0 d
    measured m eh1 zh er0 d | polished p aa1 l ih0 sh t | forgot f er0 g aa1 t`,
  moving: `
    walked w ao1 k t | waited w ey1 t ax0 d | jumped jh ah1 m p t | slept s l eh1 p t | played p l ey1 d
    worked w er1 k t | lived l ih1 v d | sat s ae1 t | stopped s t aa1 p t | swam s w ae1 m | danced d ae1 n s t
    laughed l ae1 f t | arrived er0 ay1 v d | stayed s t ey1 d | dreamed d r iy1 m d | whispered w ih1 s p er0 d`,
  place: `
    harbour hh aa1 r b er0 | river r ih1 v er0 | museum m y uw0 z iy1 ax0 m | village v ih1 l ih0 jh | bridge b r ih1 jh
    market m aa1 r k ax0 t | garden g aa1 r d ax0 n | mountain m aw1 n t ax0 n | beach b iy1 ch | farm f aa1 r m
    house hh aw1 s | forest f ao1 r ax0 s t | valley v ae1 l iy0 | road r ow1 d | island ay1 l ax0 n d
    school s k uw1 l | tower t aw1 er0 | church ch er1 ch | station s t ey1 sh ax0 n | lake l ey1 k
    bakery b ey1 k er0 iy0 | meadow m eh1 d ow0 | cave k ey1 v | factory f ae1 k t r iy0`,
  time: `
    yesterday y eh1 s t er0 d ey0 | together t ax0 g eh1 dh er0 | slowly s l ow1 l iy0 | before b ih0 f ao1 r
    again ax0 g eh1 n | tomorrow t ax0 m aa1 r ow0 | carefully k eh1 r f ax0 l iy0 | twice t w ay1 s
    anyway eh1 n iy0 w ey0 | alone ax0 l ow1 n | happily hh ae1 p ax0 l iy0 | quickly k w ih1 k l iy0
    sometimes s ah1 m t ay0 m z | beautifully b y uw1 t ih0 f l iy0 | finally f ay1 n ax0 l iy0`,
  small: `
    the dh ax0 | a ax0 | my m ay0 | his hh ih0 z | our aw0 r | every eh1 v r iy0 | that dh ae0 t | by b ay0 | from f r ah0 m
    near n ih0 r | behind b ih0 hh ay1 n d | above ax0 b ah1 v | in ih0 n | we w iy0
    they dh ey0 | you y uw0 | below b ih0 l ow1 | past p ae1 s t | maybe m ey1 b iy0 | perhaps p er0 hh ae1 p s`,
} as const;

export type WordRole = keyof typeof text;

const entries = (Object.keys(text) as WordRole[]).flatMap((role) =>
  text[role].split(/\||\n/).flatMap((entry) => {
    const [word, ...spoken] = entry.trim().split(/\s+/);
    return word ? [{ word, role, phones: spoken }] : [];
  }),
);

const pronunciations = new Map(entries.map(({ word, phones }) => [word, phones]));
const smallWords = new Set(entries.filter(({ role }) => role === 'small').map(({ word }) => word));

/** A pause in a list of words. */
export const pause = ',';

/** All words of a role. */
export const wordsOf = (role: WordRole): string[] =>
  entries.filter((entry) => entry.role === role).map(({ word }) => word);

/** Articles, prepositions and the like carry no accent. */
export const isSmallWord = (word: string): boolean => smallWords.has(word);

/** Every word of the list with its phones, as in `phones.ts`. */
export const lexicon: ReadonlyMap<string, readonly string[]> = pronunciations;
